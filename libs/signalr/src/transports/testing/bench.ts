import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { SignalREndpoint, type AcceptedConnection, type EndpointOptions } from '../index.js';

/** What a spec does with a connection: what came in, and how it ended. */
export interface Seen {
  readonly connection: AcceptedConnection;
  inbound: string;
  ended: boolean;
  error: Error | undefined;
  reattached: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** An endpoint on a plain server of its own whose connections are recorded. */
export class Bench {
  readonly seen: Seen[] = [];
  readonly faults: Error[] = [];
  readonly endpoint: SignalREndpoint;
  readonly server: Server = createServer();
  readonly #sockets = new Set<WebSocket | Socket>();

  constructor(options: Partial<EndpointOptions> = {}) {
    this.endpoint = new SignalREndpoint({
      path: '/hub',
      accept: (connection) => this.record(connection),
      onFault: (error) => this.faults.push(error),
      ...options,
    });
  }

  static async start(options: Partial<EndpointOptions> = {}): Promise<Bench> {
    const bench = new Bench(options);
    bench.endpoint.attach(bench.server);
    bench.server.listen(0, '127.0.0.1');
    await once(bench.server, 'listening');
    return bench;
  }

  record(connection: AcceptedConnection): void {
    const seen: Seen = { connection, inbound: '', ended: false, error: undefined, reattached: 0 };
    this.seen.push(seen);
    connection.listen({
      onBytes: (bytes) => (seen.inbound += Buffer.from(bytes).toString('latin1')),
      onClosed: (error) => Object.assign(seen, { ended: true, error }),
      onReattached: () => seen.reattached++,
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get last(): Seen {
    const last = this.seen.at(-1);
    if (!last) throw new Error('no connection was accepted');
    return last;
  }

  async ask(
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    const request = httpRequest({
      port: this.port,
      host: '127.0.0.1',
      method,
      path: target,
      headers,
      agent: false,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    return {
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks).toString('latin1'),
      headers: response.headers,
    };
  }

  async negotiate(query = 'negotiateVersion=1'): Promise<Record<string, string>> {
    const { body } = await this.ask('POST', `/hub/negotiate?${query}`);
    return JSON.parse(body) as Record<string, string>;
  }

  async token(query?: string): Promise<string> {
    return (await this.negotiate(query))['connectionToken'] ?? '';
  }

  socket(target: string, options: { headers?: Record<string, string> } = {}): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${target}`, options);
    this.#sockets.add(socket);
    return socket;
  }

  async open(target: string): Promise<WebSocket> {
    const socket = this.socket(target);
    await once(socket, 'open');
    return socket;
  }

  /** The status that an upgrade is refused with. */
  async refused(target: string, headers: Record<string, string> = {}): Promise<Answer> {
    const all = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    };
    return this.ask('GET', target, all);
  }

  /** Sends raw bytes; what comes back gathers in `text`. */
  async raw(text: string): Promise<{ readonly socket: Socket; text: string; ended: boolean }> {
    const socket = connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
    this.#sockets.add(socket);
    const seen = { socket, text: '', ended: false };
    socket.on('data', (chunk) => (seen.text += chunk.toString('latin1')));
    socket.on('close', () => (seen.ended = true));
    socket.on('end', () => (seen.ended = true));
    socket.on('error', () => (seen.ended = true));
    await once(socket, 'connect');
    socket.write(text);
    return seen;
  }

  /** An event stream as raw text. */
  async stream(token: string): Promise<{ readonly socket: Socket; text: string; ended: boolean }> {
    const seen = await this.raw(
      `GET /hub?id=${token} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await until(() => seen.text.includes('\r\n:\r\n') || seen.ended);
    return seen;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) {
      if ('terminate' in socket) socket.terminate();
      else socket.destroy();
    }
    for (const { connection } of this.seen) connection.abort();
    await this.endpoint.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Waits for a condition. */
export async function until(holds: () => boolean, withinMs = 5000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
