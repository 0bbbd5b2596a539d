import { originHeaders, type HubError, type Origins } from '@ringback/contract';
import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemDetails, problemHeaders } from './problem-details.js';

/** What a refusal says beside its code. */
export interface RefusalOptions {
  /** In place of the status that the code stands for. */
  readonly status?: number;
  /** The methods of the path, for `method-not-allowed`. */
  readonly allow?: readonly string[];
}

export interface RequestRefusalOptions extends RefusalOptions {
  /** Origins whose pages may read why they were refused. */
  readonly origins?: Origins | undefined;
}

/** Headers of a refusal that pages may read only if they are named. */
export const EXPOSED_HEADERS = ['Allow', 'Retry-After', 'WWW-Authenticate'];

/** Answers a request with a problem. If an answer is under way already, closes the connection: half of one must not look whole. */
export function refuseRequest(
  response: ServerResponse,
  error: HubError,
  options: RequestRefusalOptions = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = refusalOf(error, options);
  const { origin } = response.req.headers;
  response.writeHead(status, { ...headers, ...pageHeaders(origin, options.origins) });
  response.end(body);
}

/** Answers on the bare socket of an upgrade, or of what never became a request, with a problem and closes it. */
export function refuseUpgrade(socket: Duplex, error: HubError, options: RefusalOptions = {}): void {
  socket.on('error', () => socket.destroy()); // a peer that is gone already must not end the process
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = refusalOf(error, options);
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

function refusalOf(error: HubError, { status, allow }: RefusalOptions) {
  const details = problemDetails(error, status);
  const body = JSON.stringify({ ...details, message: details.detail });
  const headers = { ...problemHeaders(error.code, allow), 'Content-Length': String(Buffer.byteLength(body)) };
  return { status: details.status, headers, body };
}

/** Pages with clients of SignalR send credentials; browsers then accept no `*`. */
function pageHeaders(origin: string | undefined, origins: Origins | undefined): OutgoingHttpHeaders {
  const headers = originHeaders(origin, origins);
  if (origin === undefined || !('Access-Control-Allow-Origin' in headers)) return headers;
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': EXPOSED_HEADERS.join(', '),
    Vary: 'Origin',
  };
}
