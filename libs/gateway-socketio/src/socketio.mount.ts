import { Inject, Injectable } from '@nestjs/common';
import { HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import {
  HttpRouter,
  isSamePath,
  type ProtocolMount,
  type RequestTarget,
  type RoutedRequest,
} from '@ringback/gateway-kit';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { DetachedServer } from './detached-server.js';
import { GATEWAY, SOCKETIO_OPTIONS, type CompleteSocketIoOptions } from './socketio.options.js';

const NODE_OF_SID = /^([0-9A-Za-z_-]+)\./;

/** Takes the requests of Socket.IO from the HTTP server of the node, and refuses those that Engine.IO would answer without a code, or not refuse at all. */
@Injectable()
export class SocketIoMount implements ProtocolMount {
  readonly name = GATEWAY;
  readonly precedence = 'exact';
  /** A poll without anything to deliver is answered with a ping; the client may be late with its answer. */
  readonly maxSilenceMs: number;
  private closing = false;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(DetachedServer) private readonly server: DetachedServer,
    @Inject(SOCKETIO_OPTIONS) private readonly options: CompleteSocketIoOptions,
  ) {
    this.maxSilenceMs = options.pingIntervalMs + options.pingTimeoutMs;
  }

  match({ path }: RequestTarget): boolean {
    return isSamePath(path, this.options.path);
  }

  /** The node stands in the id of the Engine.IO session. */
  nodeFor({ target }: RoutedRequest): string | undefined {
    return NODE_OF_SID.exec(sidOf(target) ?? '')?.[1];
  }

  /** A request without the id of a session asks for one. */
  opensClient({ target }: RoutedRequest): boolean {
    return sidOf(target) === undefined;
  }

  connectionFor({ target }: RoutedRequest): string | undefined {
    return sidOf(target);
  }

  /** A transport whose client is not admitted yet is closed without a word: its client comes back all the same. */
  sendAway(sid: string): boolean {
    const transport = this.server.findTransport(sid);
    if (transport?.owner) return this.hub.sendAway(transport.owner.connectionId);
    transport?.close();
    return transport !== undefined;
  }

  handle(routed: RoutedRequest, response: ServerResponse): void | Promise<void> {
    this.validateRequest(routed, response);
    this.validateSession(routed.target);
    const { request, target } = routed;
    const reading = request.method === 'POST' ? this.server.untilReading(sidOf(target) ?? '') : undefined;
    if (reading) return reading.then(() => this.handleHeld(routed, response));
    this.server.handleRequest(request, response);
  }

  upgrade({ request, target }: RoutedRequest, socket: Duplex, head: Buffer): void {
    this.validateSession(target);
    if (sidOf(target) !== undefined) this.router.admit(socket); // of a client that was polling
    this.server.handleUpgrade(request, socket, head);
  }

  /** From now on no new transport is opened. */
  close(): void {
    this.closing = true;
  }

  private handleHeld({ request, target }: RoutedRequest, response: ServerResponse): void {
    if (response.destroyed) return;
    this.validateSession(target); // it may have ended meanwhile
    this.server.handleRequest(request, response);
  }

  private validateRequest({ request, target: { query } }: RoutedRequest, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'POST') {
      response.setHeader('Allow', 'GET, POST');
      throw new HubError('method-not-allowed', 'The path has only GET and POST.');
    }
    if (query.has('j')) throw new HubError('bad-request', 'The hub serves no JSONP.');
    if (query.getAll('transport').at(-1) === 'websocket') {
      throw new HubError('bad-request', 'The transport websocket wants an upgrade.');
    }
    // A GET of long polling opens a connection as an upgrade does, so pages of other origins are refused that too.
    const refusal = this.router.origins.refusal(request, 'upgrade');
    if (refusal) throw refusal;
  }

  private validateSession(target: RequestTarget): void {
    const sid = sidOf(target);
    if (sid === undefined) this.validateCapacity();
    else if (!this.server.hasTransport(sid)) throw new HubError('transport-session-not-found');
  }

  private validateCapacity(): void {
    if (this.closing) throw new HubError('draining');
    const { connectionsPerNode, pendingConnections } = this.hub.limits;
    const maxTransports = connectionsPerNode + pendingConnections;
    if (this.server.transportCount >= maxTransports) throw new HubError('too-many-connections');
  }
}

/** The Engine.IO session that a request names; as Engine.IO reads it, the last one counts and an empty one is none. */
function sidOf({ query }: RequestTarget): string | undefined {
  return query.getAll('sid').at(-1) || undefined;
}
