import type { IncomingMessage } from 'node:http';

/** The longest body that is read only to be dropped. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

/**
 * Reads the rest of a refused body and drops it: whoever is still sending would lose the response if the connection closed under
 * it. Answers whether it does: not if the body is announced as too long for that, or of no stated length.
 */
export function drainRequestBody(request: Partial<IncomingMessage>): boolean {
  if (!(Number(request.headers?.['content-length']) <= MAX_DRAINED_BYTES)) return false;
  request.resume?.();
  return true;
}
