import { LABEL_BYTES, utf8Bytes } from '@ringback/contract';
import { createHash } from 'node:crypto';

/**
 * The idempotency key of what has an origin: it is published once, by however many ways it comes. The hub keeps the keys of bridges apart
 * from those of everybody else, who may know an origin.
 */
export function originKey(origin: string): string {
  if (utf8Bytes(origin) <= LABEL_BYTES.key) return origin;
  return createHash('sha256').update(origin).digest('base64url');
}
