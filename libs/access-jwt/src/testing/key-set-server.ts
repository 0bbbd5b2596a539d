import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server under whose URL something is published that a spec says. */
export class KeySetServer {
  requests = 0;
  answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  private readonly server = createServer((request, response) => {
    this.requests++;
    this.answer(request, response);
  });

  static async start(): Promise<KeySetServer> {
    const server = new KeySetServer();
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/keys`;
  }

  /** From now on it has these keys. */
  publish(...keys: readonly object[]): void {
    const body = JSON.stringify({ keys });
    this.answer = (_request, response) => void response.end(body);
  }

  /** From now on it breaks every connection. */
  fail(): void {
    this.answer = (request) => void request.socket.destroy();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
