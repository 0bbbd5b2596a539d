import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TransportName } from './options.js';

/** Why a request is not served: what it is answered with. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly status: number,
    readonly body = '',
  ) {
    super(body || `status ${status}`);
  }
}

/** Thrown by an access policy: nobody is known to be there (401), or the one who is may not come in (403). */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';

  constructor(readonly status: 401 | 403 = 401) {
    super(status === 401 ? 'authentication is required' : 'access is forbidden');
  }
}

/** Every refusal that has words, each literally what .NET says. */
export const refusals = {
  noId: () => new Refused(400, 'Connection ID required'),
  unknownId: () => new Refused(404, 'No Connection with that ID'),
  notOffered: (transport: TransportName) =>
    new Refused(404, `${transport} transport not supported by this end point type`),
  otherTransport: () => new Refused(400, 'Cannot change transports mid-connection'),
  alreadyActive: () => new Refused(409),
  postToWebSocket: () => new Refused(405, 'POST requests are not allowed for WebSocket connections.'),
  notLongPolling: () => new Refused(400, 'Cannot terminate this connection using the DELETE endpoint.'),
  method: () => new Refused(405),
  tornDown: () => new Refused(404),
  reconnectDisabled: () => new Refused(204),
  origin: () => new Refused(403),
  notAWebSocket: () => new Refused(400),
  brokenBody: () => new Refused(400),
  longBody: () => new Refused(413),
  crowdedPosts: () => new Refused(429),
  full: () => new Refused(503),
  unavailable: () => new Refused(503),
} as const;

/** Answers with a text, or with nothing, and ends the response. */
export function answer(response: ServerResponse, status: number, body = ''): void {
  if (body) response.setHeader('Content-Type', 'text/plain');
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body));
  response.statusCode = status;
  response.end(body);
}

/** Answers an upgrade on its bare socket, with nothing but a status, and closes it. */
export function answerUpgrade(socket: Duplex, status: number): void {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Length: 0'];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`, () => socket.destroy());
}

export function answerJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}
