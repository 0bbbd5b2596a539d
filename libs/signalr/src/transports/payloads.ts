import type { Payload } from '../protocols/hub-protocol.js';

/** Bytes without a copy. */
export function asBuffer(payload: Payload): Buffer {
  return typeof payload === 'string'
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

/** Several messages as one write. A single one, the usual case, is handed on as it is. */
export function joined(payloads: readonly Payload[]): string | Buffer {
  const [first] = payloads;
  if (payloads.length === 1 && first !== undefined)
    return typeof first === 'string' ? first : asBuffer(first);
  if (payloads.every((payload) => typeof payload === 'string')) return payloads.join('');
  return Buffer.concat(payloads.map(asBuffer));
}
