import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { refuseRequest, refuseUpgrade, type RefusalOptions } from '@ringback/http-kit';
import {
  NodeAddressCache,
  NodeProxy,
  type AddressLookup,
  type NodeProxyError,
  type UnansweredClient,
} from '@ringback/node-proxy';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

export interface NodeForwarderOptions {
  readonly nodeId: string;
  /** Where the other nodes are, by their leases. */
  readonly addressOf: AddressLookup;
  readonly log: Log;
  /** Counts an error and says what of it is told outside: `Hub.failed`. */
  readonly reportError: (error: unknown) => HubError;
  /** The path before which a proxy has put this node: `TrustedProxies.publicPrefix`. Default: none. */
  readonly prefixOf?: (request: IncomingMessage) => string;
  /** How long another node may take to accept a link. Default 2,000. */
  readonly connectMs?: number;
  /** How much longer than its protocol another node may be silent. Default 5,000. */
  readonly silenceHeadroomMs?: number;
}

/** Whom a request belongs to. */
export interface ForwardTarget {
  readonly nodeId: string;
  /** The longest time for which that node holds the request without writing anything. */
  readonly silenceMs: number;
  /** The protocol that it is of: `ProtocolMount.name`. */
  readonly protocol: string;
  /** The connection that it belongs to, where the protocol can tell. */
  readonly connection?: string | undefined;
}

/** A client that another node holds and whose link goes through this one. */
export interface ForwardedLink {
  readonly nodeId: string;
  readonly protocol: string;
  readonly connection: string;
}

/** What is being forwarded: a request and its answer, or an upgraded socket. */
interface Exchange extends ForwardTarget {
  /** Whether it lasts: upgrades, streams and polls do, what only sends does not. */
  readonly lasts: boolean;
}

/** Says who forwarded a request; one that carries it is not forwarded again. */
const FORWARDED_BY = 'x-ringback-forwarded-by';

const SILENCE_HEADROOM_MS = 5_000;

/** The other node was reached and broke off: another status than for one that cannot be reached. */
const BAD_GATEWAY: RefusalOptions = { status: 502 };

const SESSION_NOT_FOUND = 'transport-session-not-found';

/** Hands requests that belong to another node to that node, so that no load balancer has to be sticky. */
export class NodeForwarder {
  private readonly addresses: NodeAddressCache;
  /** By the time for which the other node may be silent: each protocol has its own. */
  private readonly proxies = new Map<number, NodeProxy>();
  private readonly exchanges = new Set<Exchange>();

  constructor(private readonly options: NodeForwarderOptions) {
    this.addresses = new NodeAddressCache(options.addressOf, (nodeId, error) => {
      options.log.warn('owner lookup failed, using cached address', { error, nodeId });
    });
  }

  /** The clients of other nodes whose links go through this one at the moment, each once, with the oldest that it has. */
  get links(): readonly ForwardedLink[] {
    const links = new Map<string, ForwardedLink>();
    for (const exchange of this.exchanges) {
      const key = `${exchange.protocol} ${exchange.connection}`;
      if (isLink(exchange) && !links.has(key)) links.set(key, exchange);
    }
    return [...links.values()];
  }

  /** How much is being forwarded at the moment, links and what only sends. */
  get size(): number {
    return this.exchanges.size;
  }

  /** Whether a link of `links` is still there: the very one, not another of the same client. */
  holds(link: ForwardedLink): boolean {
    return this.exchanges.has(link as Exchange);
  }

  /** Forwards the request, or refuses it with a code. Never throws. */
  request(request: IncomingMessage, response: ServerResponse, target: ForwardTarget): void {
    this.forward(request, response, target, (proxy, address) => proxy.request(request, response, address));
  }

  /** The same for an upgrade. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer, target: ForwardTarget): void {
    this.forward(request, socket, target, (proxy, address) => proxy.upgrade(request, socket, head, address));
  }

  /** Ends all that is being forwarded. */
  close(): void {
    for (const proxy of this.proxies.values()) proxy.close();
  }

  private forward(
    request: IncomingMessage,
    client: UnansweredClient,
    target: ForwardTarget,
    send: (proxy: NodeProxy, address: string) => Promise<void>,
  ): void {
    const proxy = this.proxyFor(target.silenceMs);
    const exchange = { ...target, lasts: request.method === 'GET' };
    this.exchanges.add(exchange);
    this.findAddress(proxy, request, target.nodeId)
      .then((address) => (client.destroyed ? undefined : send(proxy, address)))
      .catch((error: unknown) => this.refuse(client, error))
      .finally(() => this.exchanges.delete(exchange));
  }

  private async findAddress(proxy: NodeProxy, request: IncomingMessage, nodeId: string): Promise<string> {
    // Forwarded to a node that does not hold it either: its holder has changed its address or its name.
    if (proxy.isForwarded(request)) throw new HubError(SESSION_NOT_FOUND);
    const address = await this.lookUp(nodeId);
    if (address === undefined) throw new HubError(SESSION_NOT_FOUND);
    return address;
  }

  private async lookUp(nodeId: string): Promise<string | undefined> {
    try {
      return await this.addresses.get(nodeId);
    } catch (error) {
      this.options.log.warn('owner lookup failed', { error, nodeId });
      throw new HubError('relay-unavailable', undefined, { cause: error });
    }
  }

  private proxyFor(silenceMs: number): NodeProxy {
    let proxy = this.proxies.get(silenceMs);
    if (!proxy) this.proxies.set(silenceMs, (proxy = this.buildProxy(silenceMs)));
    return proxy;
  }

  private buildProxy(silenceMs: number): NodeProxy {
    const { nodeId, connectMs, silenceHeadroomMs = SILENCE_HEADROOM_MS } = this.options;
    return new NodeProxy({
      nodeId,
      forwardedByHeader: FORWARDED_BY,
      responseMs: silenceMs + silenceHeadroomMs,
      ...(connectMs !== undefined && { connectMs }),
      onError: (error, client) => this.onProxyError(error, client),
    });
  }

  private onProxyError(error: NodeProxyError, client: UnansweredClient | undefined): void {
    const code = error.kind === 'timeout' ? 'timeout' : 'node-unavailable';
    this.options.log.warn('forwarding failed', { error, code });
    if (!client) return;
    this.refuse(
      client,
      new HubError(code, undefined, { cause: error }),
      error.kind === 'failed' ? BAD_GATEWAY : {},
    );
  }

  private refuse(client: UnansweredClient, error: unknown, options: RefusalOptions = {}): void {
    if (client.destroyed) return;
    const hubError = this.options.reportError(error);
    if (client instanceof ServerResponse)
      refuseRequest(client, hubError, { ...options, prefix: this.options.prefixOf?.(client.req) });
    else refuseUpgrade(client, hubError, options);
  }
}

function isLink(exchange: Exchange): exchange is Exchange & ForwardedLink {
  return exchange.lasts && exchange.connection !== undefined;
}
