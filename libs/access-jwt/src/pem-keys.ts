import { createPublicKey, type KeyObject } from 'node:crypto';
import { trustPublicKey, UntrustedKeyError, type TrustedKey } from './trusted-key.js';

/** Each token is tried with all keys of its algorithm. */
const MAX_KEYS = 8;

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/**
 * The public keys of a text of one PEM block or several; `\n` may stand for the ends of lines, as some tools write them into variables. Throws
 * `UntrustedKeyError` for anything else, private keys and certificates included: whoever has written one there has made a mistake.
 */
export function trustPemKeys(text: string): readonly TrustedKey[] {
  const blocks = [...text.replaceAll('\\n', '\n').matchAll(BLOCK)];
  if (blocks.length === 0) throw new UntrustedKeyError('is no public key in PEM');
  if (blocks.length > MAX_KEYS) throw new UntrustedKeyError(`is one of more than ${MAX_KEYS}`);
  return blocks.map(([block, label = '']) => trustPublicKey(parseBlock(block, label)));
}

function parseBlock(block: string, label: string): KeyObject {
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY')
    throw new UntrustedKeyError(`is a ${label} and no PUBLIC KEY`);
  try {
    return createPublicKey(block);
  } catch (error) {
    throw new UntrustedKeyError('cannot be read', { cause: error });
  }
}
