import type { Envelope } from './json-envelope.js';
import { ProtocolError } from './hub-protocol.js';
import { MAX_DEPTH } from './message-reader.js';

// A byte order mark stays in, and is then no JSON, as in .NET.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON object that the bytes hold. Throws `ProtocolError` for anything else, and for what could not be written again: nested too deep, or with a key that MessagePack clients refuse. */
export function parseObject(bytes: Uint8Array): Envelope {
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProtocolError(`Unexpected JSON Token Type '${tokenType(value)}'. Expected a JSON Object.`);
  }
  if (!canBePassedOn(value, MAX_DEPTH)) throw new ProtocolError('Error reading JSON.');
  return value as Envelope;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // Not the cause: the parser quotes what it could not read, and payloads never reach a log.
    throw new ProtocolError('Error reading JSON.');
  }
}

/** V8 parses any depth without recursion; this walk ends at the limit. A receiver that decodes `__proto__` from MessagePack closes its connection. */
function canBePassedOn(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return children.every((child) => canBePassedOn(child, levels - 1));
}

function tokenType(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? 'String' : 'Number';
}
