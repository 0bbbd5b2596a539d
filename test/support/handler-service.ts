import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One call that a handler of an agent has made. */
export interface HandlerCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What to answer: a status, or nothing at all. */
export type Verdict = (call: HandlerCall, count: number) => number | Promise<number>;

/** An application that agents call: records what it is asked. */
export class HandlerService {
  readonly calls: HandlerCall[] = [];
  verdict: Verdict = () => 204;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      text(request)
        .then(async (body) => {
          const call = { method, path: url, headers, body };
          this.calls.push(call);
          response.writeHead(await this.verdict(call, this.calls.length)).end();
        })
        .catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<HandlerService> {
    const service = new HandlerService();
    service.server.listen(0, '127.0.0.1');
    await once(service.server, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** As if nothing had been asked yet, and it answers 204 again. */
  forget(): void {
    this.calls.length = 0;
    this.verdict = () => 204;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
