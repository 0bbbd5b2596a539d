import type { HubError } from '@ringback/contract';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemDetails, problemHeaders, type ProblemOptions } from './problem-details.js';

/** What a refusal says beside its code. */
export interface RefusalOptions extends ProblemOptions {
  /** The methods of the path, for `method-not-allowed`. */
  readonly allow?: readonly string[];
}

/** Answers a request with a problem, beside the headers that are set already. If an answer is under way already, closes the connection: half of one must not look whole. */
export function refuseRequest(response: ServerResponse, error: HubError, options: RefusalOptions = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = refusalOf(error, options);
  response.writeHead(status, headers);
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

function refusalOf(error: HubError, { allow, ...options }: RefusalOptions) {
  const details = problemDetails(error, options);
  const body = JSON.stringify({ ...details, message: details.detail });
  const headers = { ...problemHeaders(error.code, allow), 'Content-Length': String(Buffer.byteLength(body)) };
  return { status: details.status, headers, body };
}
