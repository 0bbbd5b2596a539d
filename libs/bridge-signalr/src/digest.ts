import { createHash } from 'node:crypto';

/** The same for the same event and data, and for nothing else. */
export function digestOf(eventguid: string, data: string): string {
  return createHash('sha256')
    .update(JSON.stringify([eventguid, data]))
    .digest('base64url');
}
