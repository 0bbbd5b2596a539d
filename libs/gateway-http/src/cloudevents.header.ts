import { HubError } from '@ringback/contract';

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/s;
const BROKEN_PERCENT = /%(?![0-9A-Fa-f]{2})/;
const PERCENT = /%([0-9A-Fa-f]{2})/g;

/**
 * The value of a `ce-` header: quotes taken off, then percent-decoded once, then read as UTF-8 (CloudEvents HTTP binding
 * 1.0.2, §3.1.3.2). Bytes that should have been encoded and were not are read as what they are. Throws `bad-request`.
 */
export function decodeCloudEventHeader(name: string, value: string): string {
  const text = unquote(value);
  if (BROKEN_PERCENT.test(text)) throw malformed(name);
  // Node hands headers over as latin1: one character a byte, before and after decoding.
  const bytes = Buffer.from(
    text.replace(PERCENT, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw malformed(name, error);
  }
}

function unquote(value: string): string {
  const inner = QUOTED.exec(value)?.[1];
  return inner === undefined ? value : inner.replace(/\\(.)/gs, '$1');
}

function malformed(name: string, cause?: unknown): HubError {
  return new HubError('bad-request', `The header ce-${name} is not percent-encoded UTF-8.`, { cause });
}
