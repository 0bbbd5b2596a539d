import { HubError } from '@ringback/contract';
import { refuseRequest, refuseUpgrade, type AccessLog, type OriginPolicy } from '@ringback/http-kit';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ignoreUpgrades, isIgnorableUpgrade, replayWithoutUpgrade } from './ignored-upgrade.js';
import type { ForwardTarget, NodeForwarder } from './node-forwarder.js';
import { PendingConnections, type PendingConnectionsOptions } from './pending-connections.js';
import type { ProtocolMount, RoutedRequest } from './protocol-mount.js';
import { assertHost, assertNoBody, leaveHostToRouter, normalizeTarget } from './request-form.js';
import { parseTarget, type RequestTarget } from './request-target.js';
import { RequestTurns } from './request-turns.js';

export interface HttpRouterOptions {
  readonly nodeId: string;
  readonly origins: OriginPolicy;
  readonly forwarder: NodeForwarder;
  /** Whether this node takes in no more clients: `Hub.isDraining`. Default: never. */
  readonly isDraining?: () => boolean;
  /** How connections are bounded whose clients are not admitted yet. Absent: not at all. */
  readonly pending?: PendingConnectionsOptions;
  /** Who comes and who is refused; for the gateways too. */
  readonly access?: AccessLog;
  /** Counts an error and says what of it is told outside: `Hub.failed`. */
  readonly reportError: (error: unknown) => HubError;
}

type Listener = (...args: unknown[]) => void;

/**
 * The only owner of `request` and `upgrade` of a node's HTTP server. In this order it: refuses pages of other origins, refuses new clients while the node
 * drains, forwards what belongs to another node (no upgrades while it drains), and hands the rest to the protocol that is mounted there; what is nobody's goes to the listeners that were there before (the framework's), else it is a 404.
 */
export class HttpRouter {
  private readonly mounts: ProtocolMount[] = [];
  private onOtherRequest: readonly Listener[] = [];
  private onOtherUpgrade: readonly Listener[] = [];
  private readonly otherSockets = new Set<Socket>();
  private readonly turns = new RequestTurns();
  private readonly pending: PendingConnections | undefined;
  private isLeaving = false;
  private lastRequestAt = -Infinity;
  private isClosed = false;

  constructor(private readonly options: HttpRouterOptions) {
    this.pending = options.pending && new PendingConnections(options.pending);
  }

  get origins(): OriginPolicy {
    return this.options.origins;
  }

  /** Where those are written down who come and who are refused; absent where nobody is. */
  get access(): AccessLog | undefined {
    return this.options.access;
  }

  /** How many sockets were upgraded by others than the protocols, which end them themselves. */
  get otherConnections(): number {
    return this.otherSockets.size;
  }

  /** For how long no client of a protocol has sent a request, in milliseconds. One that polls has none under way between two polls. */
  get quietMs(): number {
    return performance.now() - this.lastRequestAt;
  }

  /** Connections whose client is not admitted yet: those that are served, and those that wait until they are. */
  get pendingConnections(): { readonly served: number; readonly waiting: number } {
    return { served: this.pending?.size ?? 0, waiting: this.pending?.waiting ?? 0 };
  }

  /** The client of an upgraded socket is admitted: the socket makes way for others. To be called by every protocol that takes upgrades. */
  admit(socket: Duplex | undefined): void {
    this.pending?.admit(socket);
  }

  /** From now on the requests that match go to the protocol. */
  mount(mount: ProtocolMount): void {
    this.mounts.push(mount);
    this.mounts.sort(
      (one, other) => Number(other.precedence === 'exact') - Number(one.precedence === 'exact'),
    );
  }

  /** Takes the server over. To be called once, after the framework has attached its own listeners and before the server listens. */
  attach(server: Server): void {
    this.pending?.attach(server);
    this.onOtherRequest = takeListeners(server, 'request');
    this.onOtherUpgrade = takeListeners(server, 'upgrade');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.admit(request.socket);
      if (this.isLeaving) response.shouldKeepAlive = false;
      this.turns.run(request, response, () =>
        this.guard(
          () => {
            this.prepare(request);
            return this.route(server, request, response);
          },
          (error) => this.refuse(response, error),
        ),
      );
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (isIgnorableUpgrade(request)) return replayWithoutUpgrade(server, request, socket, head);
      if (this.turns.isBusy(socket)) return void socket.destroy(); // the answer to what it asked before would end up among the frames
      socket.on('error', destroyBroken); // without a listener a broken link would end the process
      const route = (): void =>
        this.guard(
          () => {
            this.prepare(request);
            assertNoBody(request);
            return this.routeUpgrade(server, request, socket, head);
          },
          (error) => this.refuseUpgrade(request, socket, error),
        );
      if (this.pending) this.pending.upgrade(request, route);
      else route();
    });
    ignoreUpgrades(server);
    leaveHostToRouter(server);
  }

  /**
   * The node is about to stop: from now on every answer closes its link. The next request comes on another, to whichever node, and none is lost on a link that
   * the node closes because it is idle.
   */
  leave(): void {
    this.isLeaving = true;
  }

  /** Closes a connection of a protocol on this node as the drain would. Answers whether there was one. */
  sendAway(protocol: string, connection: string): boolean {
    return this.mounts.some((mount) => mount.name === protocol && mount.sendAway?.(connection));
  }

  /** Ends what is being forwarded, and what waits to be served. Nothing is forwarded any more: it is refused with `draining`. */
  close(): void {
    this.isClosed = true;
    this.pending?.close();
    this.options.forwarder.close();
  }

  /** What everything behind the router relies on. */
  private prepare(request: IncomingMessage): void {
    normalizeTarget(request);
    assertHost(request);
    const host = this.origins.proxies.publicHost(request);
    if (host !== undefined) request.headers.host = host; // another node would not trust the proxy
  }

  private route(server: Server, request: IncomingMessage, response: ServerResponse): void | Promise<void> {
    const target = parseTarget(request);
    const mount = this.find(target);
    if (!mount) return this.routeOther(server, request, response);
    this.lastRequestAt = performance.now();
    const { origins, forwarder } = this.options;
    if (origins.answerPreflight(request, response)) return;
    origins.setHeaders(request, response);
    const refusal = origins.refusal(request, 'request');
    if (refusal) return this.refuse(response, refusal);
    const routed = { request, target };
    this.assertTakesIn(mount, routed);
    const elsewhere = this.elsewhere(mount, routed);
    if (elsewhere) {
      if (this.isClosed) throw new HubError('draining');
      return forwarder.request(request, response, elsewhere);
    }
    return mount.handle(routed, response);
  }

  private routeUpgrade(
    server: Server,
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
  ): void | Promise<void> {
    const target = parseTarget(request);
    const mount = this.find(target);
    if (!mount?.upgrade) return this.routeOtherUpgrade(server, request, socket, head);
    const { origins, forwarder } = this.options;
    const refusal = origins.refusal(request, 'upgrade');
    if (refusal) return this.refuseUpgrade(request, socket, refusal);
    const routed = { request, target };
    this.assertTakesIn(mount, routed);
    const elsewhere = this.elsewhere(mount, routed);
    if (elsewhere) {
      // Its client would soon be sent away; refused, it goes on as it was, or comes in at another node.
      if (this.isClosed || this.options.isDraining?.()) throw new HubError('draining');
      this.admit(socket); // it counts where it goes
      return forwarder.upgrade(request, socket, head, elsewhere);
    }
    return mount.upgrade(routed, socket, head);
  }

  private find(target: RequestTarget): ProtocolMount | undefined {
    return this.mounts.find((mount) => mount.match(target));
  }

  /** A client that the drain has just sent away must not come back to this node. */
  private assertTakesIn(mount: ProtocolMount, routed: RoutedRequest): void {
    if (this.options.isDraining?.() && mount.opensClient(routed)) throw new HubError('draining');
  }

  private elsewhere(mount: ProtocolMount, routed: RoutedRequest): ForwardTarget | undefined {
    const nodeId = mount.nodeFor?.(routed);
    if (nodeId === undefined || nodeId === this.options.nodeId) return undefined;
    const connection = mount.connectionFor?.(routed);
    return { nodeId, silenceMs: mount.maxSilenceMs, protocol: mount.name, connection };
  }

  private routeOther(server: Server, request: IncomingMessage, response: ServerResponse): void {
    if (this.onOtherRequest.length === 0)
      return this.refuse(response, new HubError('not-found', 'There is no such path.'));
    for (const listener of this.onOtherRequest) Reflect.apply(listener, server, [request, response]);
  }

  /** Listeners that came after the router see the upgrade by themselves. */
  private routeOtherUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.onOtherUpgrade.length === 0 && server.listenerCount('upgrade') === 1)
      return this.refuseUpgrade(request, socket, new HubError('not-found', 'There is no such path.'));
    this.admit(socket);
    this.otherSockets.add(socket);
    socket.once('close', () => this.otherSockets.delete(socket));
    for (const listener of this.onOtherUpgrade) Reflect.apply(listener, server, [request, socket, head]);
  }

  /** Nothing that a client sends may end the process. */
  private guard(work: () => void | Promise<void>, onError: (error: unknown) => void): void {
    try {
      work()?.catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  private refuse(response: ServerResponse, error: unknown): void {
    const prefix = this.origins.proxies.publicPrefix(response.req);
    const hubError = this.options.reportError(error);
    this.recordRefusal(response.req, hubError);
    refuseRequest(response, hubError, { prefix });
  }

  private refuseUpgrade(request: IncomingMessage, socket: Socket, error: unknown): void {
    const hubError = this.options.reportError(error);
    this.recordRefusal(request, hubError, 'websocket');
    refuseUpgrade(socket, hubError);
  }

  /** Only of what would have opened a client. */
  private recordRefusal(request: IncomingMessage, error: HubError, transport?: string): void {
    if (!this.access) return;
    const target = parseTarget(request);
    const mount = this.find(target);
    if (mount?.opensClient({ request, target }))
      this.access.refused(mount.name, { transport, request }, error);
  }
}

/** One for all sockets: it stays with each as long as that is open. */
function destroyBroken(this: Socket): void {
  this.destroy();
}

/** Takes the listeners away from the server; the router calls them for what is no protocol's. */
function takeListeners(server: Server, name: 'request' | 'upgrade'): readonly Listener[] {
  const listeners = server.listeners(name) as Listener[];
  server.removeAllListeners(name);
  return listeners;
}
