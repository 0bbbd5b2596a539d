import { CLOSE_REASONS, HubError } from '@ringback/contract';
import type { Hub, Identity, LocalConnections } from '@ringback/core';
import {
  AccessDenied,
  jsonProtocol,
  messagePackProtocol,
  noMetrics,
  signedTokens,
  SignalREndpoint,
  SignalRServer,
  type TokenFactory,
} from '@ringback/signalr';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubClients } from './hub-clients.js';
import { endpointLimits, serverLimits, type SignalRConfig } from './signalr.config.js';
import { GATEWAY } from './signalr.connection.js';
import { credentialsOf, type Shown } from './signalr.credentials.js';
import { eventHub, extendedHub, type HubFace } from './signalr.hubs.js';
import { plainTarget } from './signalr.paths.js';
import { takeRequests } from './signalr.requests.js';

/** What calls are counted as that fit no method. */
const UNBOUND = '(unknown)';

/** One of the two hubs as it is served. */
interface ServedHub {
  readonly clients: HubClients;
  readonly endpoint: SignalREndpoint;
}

/** Accepts clients of SignalR and maps what they call to the hub. */
export class SignalRGateway {
  private readonly server: SignalRServer;
  private readonly hubs: readonly ServedHub[];

  constructor(
    private readonly hub: Hub,
    private readonly config: SignalRConfig = {},
  ) {
    this.server = new SignalRServer({
      protocols: [jsonProtocol, messagePackProtocol],
      nodeId: hub.nodeId,
      // What a client may not know has become a code before it comes here; what is left is its own mistake.
      detailedErrors: true,
      metrics: { ...noMetrics, invoked: (method, _, succeeded) => this.countUnbound(method, succeeded) },
      log: { warn: (_message, { error }) => this.fault(error) },
      ...serverLimits(hub.limits),
    });
    this.hubs = [eventHub(config.eventHubTriggers ?? true), extendedHub].map((face) => this.serve(face));
    hub.addConnections(GATEWAY, this.connections());
  }

  /** Takes the requests and upgrades of its hubs from an HTTP server. */
  attach(server: HttpServer): void {
    takeRequests(server, {
      request: (request, response) => this.request(request, response),
      upgrade: (request, socket, head) => this.upgrade(request, socket, head),
    });
  }

  /** Closes every connection that is left, and refuses new ones. */
  async close(): Promise<void> {
    for (const { clients } of this.hubs) clients.closeAll(CLOSE_REASONS.draining);
    await this.server.drain(0);
    await Promise.all(this.hubs.map(({ endpoint }) => endpoint.close()));
  }

  /** Calls of no method, or with other arguments, are refused before they are a command. */
  private countUnbound(method: string, succeeded: boolean): void {
    if (method === UNBOUND && !succeeded) this.hub.failed(new HubError('bad-request'));
  }

  private request(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.rename(request)) return false;
    return this.hubs.some(({ endpoint }) => endpoint.handle(request, response));
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.rename(request)) return false;
    return this.hubs.some(({ endpoint }) => endpoint.upgrade(request, socket, head));
  }

  /** Gives the request the one path that its hub has for its endpoint. */
  private rename(request: IncomingMessage): boolean {
    const target = plainTarget(request.url ?? '', this.config);
    if (target === undefined) return false;
    request.url = target;
    return true;
  }

  private serve(face: HubFace): ServedHub {
    const clients = new HubClients(this.hub, face);
    const linkOf = (connectionId: string) => this.server.hubAt(face.path)?.connection(connectionId);
    const served = this.server.addHub(face.path, clients.definition(linkOf));
    const { cors } = this.config;
    const endpoint = new SignalREndpoint({
      path: face.path,
      accept: (connection) => served.accept(connection),
      authenticate: (facts) => this.authenticate(facts),
      statefulReconnect: true,
      tokens: this.tokens(face.path),
      onFault: (error) => this.fault(error),
      ...endpointLimits(this.hub.limits),
      ...(cors !== undefined && { allowedOrigins: cors }),
    });
    return { clients, endpoint };
  }

  private async authenticate(shown: Shown): Promise<Identity> {
    try {
      return await this.hub.authenticate(credentialsOf(shown));
    } catch (error) {
      const { code } = this.hub.failed(error);
      if (code === 'unauthorized') throw new AccessDenied(401);
      throw code === 'forbidden' ? new AccessDenied(403) : HubError.from(error);
    }
  }

  /** A load balancer need not be sticky: a token says which node it belongs to, and is proof enough to any other that it is good, once. */
  private tokens(scope: string): TokenFactory {
    const { nodeId, clusterKey, claims } = this.hub;
    return signedTokens({
      nodeId,
      scope,
      key: () => this.counted(clusterKey.read()),
      // A holder of its own for each claim: who comes second is refused, on the same node too.
      claim: (tokenId, ttlMs) => this.counted(claims.claim(`signalr-token:${tokenId}`, randomUUID(), ttlMs)),
      onFault: (error) => this.fault(error),
    });
  }

  private async counted<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      return await asked;
    } catch (error) {
      throw this.hub.failed(error);
    }
  }

  private connections(): LocalConnections {
    const { hubs } = this;
    return {
      get size() {
        return hubs.reduce((sum, { clients }) => sum + clients.size, 0);
      },
      has: (connectionId) => hubs.some(({ clients }) => clients.has(connectionId)),
      remove: (connectionId) =>
        hubs.some(({ clients }) => clients.close(connectionId, CLOSE_REASONS['closed-by-operator'])),
    };
  }

  /** What has a code has been counted where it came up. */
  private fault(error: unknown): void {
    if (!(error instanceof HubError)) this.hub.failed(error);
  }
}
