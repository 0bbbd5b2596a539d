import { createProxyServer, type ProxyServer, type ProxyTargetDetailed } from 'httpxy';
import { Agent, ServerResponse, STATUS_CODES, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { answer } from './answers.js';

export interface NodeProxyOptions {
  /** Added to everything that is forwarded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connectMs: number;
  readonly responseMs: number;
  readonly onFault: (error: Error) => void;
}

class NodeTimeout extends Error {
  override readonly name = 'NodeTimeout';

  constructor(readonly status: 503 | 504) {
    super(status === 503 ? 'Another node does not accept the link.' : 'Another node is silent.');
  }
}

const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Carries requests and upgrades to another node, streamed both ways, and answers those that fail. */
export class NodeProxy {
  readonly #options: NodeProxyOptions;
  // a poll holds a link for its whole time, so links are bounded by the connections of the nodes
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  readonly #proxy: ProxyServer;
  readonly #links = new Set<Socket>();

  constructor(options: NodeProxyOptions) {
    this.#options = options;
    this.#proxy = createProxyServer({ xfwd: true, headers: { ...options.headers } });
    this.#proxy.on('error', (error, _request, to) => this.#failed(error, to));
    this.#proxy.on('proxyReq', (outgoing) => this.#limit(outgoing));
    this.#proxy.on('proxyReqWs', (outgoing, _request, link) => this.#couple(outgoing, link));
  }

  /** Resolves when the exchange is over. */
  async request(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    delete request.headers.expect; // answered by this node
    await this.#proxy.web(request, response, { target: targetOf(address), agent: this.#agent });
  }

  /** Resolves when the link is closed. */
  async upgrade(request: IncomingMessage, link: Socket, head: Buffer, address: string): Promise<void> {
    await this.#proxy.ws(request, link, { target: targetOf(address), agent: false }, head);
  }

  close(): void {
    for (const link of this.#links) link.destroy();
    this.#agent.destroy();
  }

  #limit(outgoing: ClientRequest): void {
    const { connectMs, responseMs } = this.#options;
    limitConnect(outgoing, connectMs);
    outgoing.setTimeout(responseMs, () => outgoing.destroy(new NodeTimeout(504)));
  }

  /** The two halves of an upgraded link live and die together. */
  #couple(outgoing: ClientRequest, link: Socket): void {
    this.#limit(outgoing);
    link.once('close', () => outgoing.destroy());
    outgoing.once('upgrade', (_answer, far: Socket) => {
      far.setTimeout(0); // silence is now for the endpoint there to judge
      this.#links.add(link);
      far.once('close', () => link.destroy());
      link.once('close', () => {
        this.#links.delete(link);
        far.destroy();
      });
    });
  }

  #failed(error: Error, to: ServerResponse | Socket | undefined): void {
    if (!to || to.destroyed) return; // the client has gone, and with it whoever could be told
    this.#options.onFault(error);
    if (!(to instanceof ServerResponse)) this.#failedLink(error, to);
    else if (to.headersSent) to.destroy();
    else answer(to, statusOf(error));
  }

  #failedLink(error: Error, link: Socket): void {
    if (this.#links.has(link) || !link.writable) {
      link.destroy();
      return;
    }
    const status = statusOf(error);
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Length: 0'];
    link.end(`${lines.join('\r\n')}\r\n\r\n`, () => link.destroy());
  }
}

/** In parts: as a URL, an IPv6 address would keep its brackets and be looked up as a name. */
function targetOf(address: string): ProxyTargetDetailed {
  const { protocol, hostname, port } = new URL(address);
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
}

function statusOf(error: Error): number {
  if (error instanceof NodeTimeout) return error.status;
  return 'code' in error && unreachable.has(String(error.code)) ? 503 : 502;
}

/** Without it, a machine that is switched off would hold a request until the operating system gives up, minutes later. */
function limitConnect(outgoing: ClientRequest, limitMs: number): void {
  const start = (socket: Socket): void => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => outgoing.destroy(new NodeTimeout(503)), limitMs);
    const stop = (): void => clearTimeout(timer);
    socket.once('connect', stop);
    socket.once('close', stop);
  };
  if (outgoing.socket) start(outgoing.socket);
  else outgoing.once('socket', start);
}
