import { HubError } from '@ringback/contract';
import type { IncomingMessage, Server } from 'node:http';

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;

/** Node would answer by itself, without a code. */
export function leaveHostToRouter(server: Server & { requireHostHeader?: boolean }): void {
  server.requireHostHeader = false;
}

/** Brings a target with scheme and host, as proxies are sent it, into the usual form. Its host counts in place of the header (RFC 9112 §3.2.2). Throws `bad-request`. */
export function normalizeTarget(request: IncomingMessage): void {
  const { url = '/' } = request;
  if (url.startsWith('/') || url === '*') return;
  const [, host, rest = ''] = ABSOLUTE.exec(url) ?? [];
  if (!host || host.includes('@'))
    throw new HubError('bad-request', 'The target of the request is no path and no URL.');
  request.headers.host = host;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}

/** Throws `bad-request` for a request of HTTP/1.1 that names no host. */
export function assertHost({ httpVersion, headers }: IncomingMessage): void {
  if (httpVersion === '1.1' && !headers.host)
    throw new HubError('bad-request', 'The request has no Host header.');
}

/** Throws `bad-request` for an upgrade with a body: who reads the WebSocket would take it for frames. */
export function assertNoBody({ headers }: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  if (Number(length) === 0 && encoding === undefined) return;
  throw new HubError('bad-request', 'A request for an upgrade has no body.');
}
