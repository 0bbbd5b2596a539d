import { HubError, isCrossOrigin, type Origins } from '@ringback/contract';
import type { IncomingMessage } from 'node:http';

/** What is wrong with a request that Engine.IO would answer without a code of ours, or not refuse at all. */
export function requestFault(
  { method = '', headers }: IncomingMessage,
  query: URLSearchParams,
  origins: Origins | undefined,
): HubError | undefined {
  const methods = ['GET', 'POST', ...(origins ? ['OPTIONS'] : [])];
  if (!methods.includes(method)) return new HubError('method-not-allowed', 'The path has only GET and POST.');
  if (method === 'OPTIONS') return undefined; // a preflight, whose answer says what the origin may do
  if (query.has('j')) return new HubError('bad-request', 'The hub serves no JSONP.');
  if (query.getAll('transport').at(-1) === 'websocket') {
    return new HubError('bad-request', 'The transport websocket wants an upgrade.');
  }
  return crossOriginFault(headers, origins);
}

/** The same of an upgrade. Browsers let every page begin one, CORS or not. */
export function upgradeFault(
  { headers }: IncomingMessage,
  origins: Origins | undefined,
): HubError | undefined {
  return crossOriginFault(headers, origins);
}

function crossOriginFault(
  headers: IncomingMessage['headers'],
  origins: Origins | undefined,
): HubError | undefined {
  if (!isCrossOrigin(headers, origins)) return undefined;
  return new HubError('forbidden', 'Pages of this origin may not use the hub.');
}
