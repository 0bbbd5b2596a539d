import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A request that a client makes. */
export interface HttpRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What the server answered. */
export interface HttpAnswer {
  readonly status: number;
  /** As `name: value`; those that every HTTP server sends are left out. */
  readonly headers: readonly string[];
  readonly bytes: Buffer;
}

/** Set by Node and the framework, or dependent on lengths and time. */
const COMMON_HEADERS = new Set([
  'connection',
  'content-length',
  'date',
  'etag',
  'keep-alive',
  'transfer-encoding',
]);
const RANDOM_HEADERS = new Set(['sec-websocket-accept']);

/** Makes one request on a connection of its own. An accepted upgrade is an answer, too; its socket is closed. */
export async function httpExchange(url: string, wanted: HttpRequest): Promise<HttpAnswer> {
  const { path, headers, body, method = 'GET' } = wanted;
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, agent: false, ...(headers && { headers }) });
    sent.on('error', reject);
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(answerOf(response, Buffer.alloc(0)));
    });
    sent.on('response', (response) => {
      buffer(response).then((bytes) => resolve(answerOf(response, bytes)), reject);
    });
    sent.end(body);
  });
}

function answerOf({ statusCode = 0, rawHeaders }: IncomingMessage, bytes: Buffer): HttpAnswer {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (COMMON_HEADERS.has(name) || RANDOM_HEADERS.has(name)) continue;
    headers.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return { status: statusCode, headers, bytes };
}
