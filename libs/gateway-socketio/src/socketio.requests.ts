import { HubError, originHeaders, type Origins } from '@ringback/contract';
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { DEFAULT_PATH } from './socketio.config.js';
import { httpStatus } from './socketio.errors.js';

/** Who handles the requests under a path. */
export interface RequestHandlers {
  request(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void;
  upgrade(request: IncomingMessage, link: Duplex, head: Buffer, query: URLSearchParams): void;
}

/** The node whose Engine.IO session a request names; `undefined` where it names none. */
export function ownerOf(request: IncomingMessage, path: string = DEFAULT_PATH): string | undefined {
  if (request.method === 'OPTIONS') return undefined; // any node answers a preflight
  const sid = sessionOf(queryUnder(path, request));
  return sid === undefined ? undefined : /^([0-9A-Za-z_-]+)\./.exec(sid)?.[1];
}

/** The Engine.IO session that a query names; as Engine.IO reads it, the last one counts and an empty one is none. */
export function sessionOf(query: URLSearchParams | undefined): string | undefined {
  return query?.getAll('sid').at(-1) || undefined;
}

/** Takes the requests and upgrades under the path; the others go to whoever listened before. An upgrade is left to nobody. */
export function takeRequests(server: Server, path: string, handlers: RequestHandlers): void {
  const requestOthers = takeOver(server, 'request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const query = queryUnder(path, request);
    if (query) handlers.request(request, response, query);
    else requestOthers(request, response);
  });
  const upgradeOthers = takeOver(server, 'upgrade');
  server.on('upgrade', (request, link, head) => {
    const query = queryUnder(path, request);
    if (query) handlers.upgrade(request, link, head, query);
    else if (!upgradeOthers(request, link, head)) refuseUpgrade(link, new HubError('not-found'));
  });
}

/** Takes the listeners away and answers one function that calls them all, and tells whether there are any. */
function takeOver(server: Server, name: 'request' | 'upgrade'): (...args: unknown[]) => boolean {
  const listeners = server.listeners(name);
  server.removeAllListeners(name);
  return (...args) => {
    for (const listener of listeners) Reflect.apply(listener, server, args);
    return listeners.length > 0;
  };
}

export function refuseRequest(
  response: ServerResponse,
  { code, message }: HubError,
  origins: Origins | undefined,
): void {
  response.writeHead(httpStatus(code), {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(code === 'method-not-allowed' && { Allow: 'GET, POST' }),
    ...originHeaders(response.req.headers.origin, origins),
  });
  response.end(JSON.stringify({ code, message }));
}

export function refuseUpgrade(link: Duplex, { code, message }: HubError): void {
  const status = httpStatus(code);
  const body = JSON.stringify({ code, message });
  link.on('error', () => link.destroy()); // a peer that is gone already must not end the process
  link.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => link.destroy(),
  );
}

function queryUnder(path: string, { url = '' }: IncomingMessage): URLSearchParams | undefined {
  const [pathname = '', ...query] = (url.split('#', 1)[0] ?? '').split('?'); // as Engine.IO reads it
  if (withoutSlash(pathname) !== withoutSlash(path)) return undefined;
  return new URLSearchParams(query.join('?'));
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
