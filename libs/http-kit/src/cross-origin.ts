import { HubError, isCrossOrigin, type Origins } from '@ringback/contract';
import type { IncomingHttpHeaders } from 'node:http';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws `forbidden` for a request that may change something and comes from a page of an origin that is neither the server's own nor
 * listed: browsers send simple requests for any page, and only keep it from reading the response. `service` is what may not be used.
 */
export function rejectCrossOrigin(
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
  origins: Origins | undefined,
  service: string,
): void {
  if (SAFE_METHODS.has(method) || !isCrossOrigin(headers, origins)) return;
  throw new HubError('forbidden', `Pages of this origin may not use the ${service}.`);
}
