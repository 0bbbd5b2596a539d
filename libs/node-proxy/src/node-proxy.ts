import { createProxyServer, type ProxyServer, type ProxyTargetDetailed } from 'httpxy';
import { Agent, ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { toNodeProxyError, type NodeProxyError } from './node-proxy-error.js';
import { limitRequest, type RequestLimits } from './request-limits.js';

/** Whom a request came from, while nothing has been answered yet: a response, or the bare socket of an upgrade. */
export type UnansweredClient = ServerResponse | Socket;

export interface NodeProxyOptions extends Partial<RequestLimits> {
  /** The id of this node: the value of the header. */
  readonly nodeId: string;
  /** Name, in lower case, of the header that marks what has been forwarded, such as `x-ringback-forwarded-by`. */
  readonly forwardedByHeader: string;
  /**
   * Called once for each exchange that fails while its client is still there. `client` is to be answered by the callee; it is absent
   * where an answer had already begun, and the proxy has cut the connection.
   */
  readonly onError: (error: NodeProxyError, client?: UnansweredClient) => void;
}

const DEFAULT_LIMITS = { connectMs: 2_000, responseMs: 60_000 } as const;

/**
 * Carries HTTP requests and upgrades to the node that holds a connection, streamed both ways, and its answers back: method, path, query,
 * headers and bodies unchanged but for `x-forwarded-*` and the forwarded-by header.
 */
export class NodeProxy {
  // A long poll occupies a socket for its whole time, so their number is bounded by the connections of the nodes, not here.
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  private readonly proxy: ProxyServer;
  /** Sockets of clients whose upgrade has been answered. */
  private readonly upgraded = new Set<Socket>();

  constructor(private readonly options: NodeProxyOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options };
    this.proxy = createProxyServer({
      xfwd: true,
      headers: { [options.forwardedByHeader]: options.nodeId },
    });
    this.proxy.on('error', (error, _request, client) => this.fail(error, client));
    this.proxy.on('proxyRes', (answer, _request, response) => {
      // Between the nodes: what this one says to the client of its own link counts.
      if (response instanceof ServerResponse && !response.shouldKeepAlive)
        answer.headers.connection = 'close';
    });
    this.proxy.on('proxyReq', (outgoing) => limitRequest(outgoing, limits));
    this.proxy.on('proxyReqWs', (outgoing, _request, socket) => {
      limitRequest(outgoing, limits);
      this.couple(outgoing, socket);
    });
  }

  /** Whether another node has forwarded this request; one that has been is not to be forwarded again. */
  isForwarded(request: IncomingMessage): boolean {
    return request.headers[this.options.forwardedByHeader] !== undefined;
  }

  /** Forwards a request to a node at `http://host:port`. Resolves when the exchange is over; failures go to `onError`. */
  async request(request: IncomingMessage, response: ServerResponse, address: string): Promise<void> {
    const target = this.targetOf(address, response);
    if (!target) return;
    delete request.headers.expect; // answered by this node; the proxy would set no limits for it
    await this.proxy.web(request, response, { target, agent: this.agent });
  }

  /** The same for an upgrade. Resolves when the client's socket is closed. */
  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer, address: string): Promise<void> {
    const target = this.targetOf(address, socket);
    if (target) await this.proxy.ws(request, socket, { target, agent: false }, head);
  }

  /** Ends all that is being forwarded. */
  close(): void {
    for (const socket of this.upgraded) socket.destroy();
    this.agent.destroy();
  }

  /** In parts: as a URL, an IPv6 address would keep its brackets and be looked up as a name. */
  private targetOf(address: string, client: UnansweredClient): ProxyTargetDetailed | undefined {
    try {
      const { protocol, hostname, port } = new URL(address);
      return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port: port || '80' };
    } catch (error) {
      this.fail(error as TypeError, client);
      return undefined;
    }
  }

  /** The two halves of an upgraded connection live and die together. */
  private couple(outgoing: ClientRequest, socket: Socket): void {
    socket.once('close', () => outgoing.destroy());
    outgoing.once('upgrade', (_response, nodeSocket: Socket) => {
      nodeSocket.setTimeout(0); // from here on, silence is for the protocol to judge
      this.upgraded.add(socket);
      nodeSocket.once('close', () => socket.destroy());
      socket.once('close', () => {
        this.upgraded.delete(socket);
        nodeSocket.destroy();
      });
    });
  }

  private fail(error: Error, client: UnansweredClient | undefined): void {
    if (!client || client.destroyed) return; // the client has gone, and with it whoever could be answered
    const answerable = this.isAnswerable(client);
    if (!answerable) client.destroy();
    this.options.onError(toNodeProxyError(error), answerable ? client : undefined);
  }

  private isAnswerable(client: UnansweredClient): boolean {
    if (client instanceof ServerResponse) return !client.headersSent;
    return client.writable && !this.upgraded.has(client);
  }
}
