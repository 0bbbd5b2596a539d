import { Inject, Injectable } from '@nestjs/common';
import { Hub } from '@ringback/core';
import type { ProtocolMount, RequestTarget, RoutedRequest } from '@ringback/gateway-kit';
import { grantsStatefulReconnect, nodeOf, publicIdOf, wantsEventStream } from '@ringback/signalr';
import { HubEndpoints } from '@ringback/signalr-nest';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubPaths } from './hub-paths.js';
import { DEFAULT_POLL_TIMEOUT_MS, GATEWAY, SIGNALR_OPTIONS, type SignalROptions } from './signalr.options.js';

/** Brings the requests for the hubs to their endpoints, or to the node that they belong to. */
@Injectable()
export class SignalRMount implements ProtocolMount {
  readonly name = GATEWAY;
  /** The event hub is at every path with its name at the end. */
  readonly precedence = 'pattern';
  readonly maxSilenceMs: number;
  private readonly paths: HubPaths;

  constructor(
    @Inject(Hub) private readonly hub: Pick<Hub, 'nodeId' | 'sendAway'>,
    @Inject(HubEndpoints) private readonly endpoints: Pick<HubEndpoints, 'handle' | 'holds' | 'upgrade'>,
    @Inject(SIGNALR_OPTIONS) options: SignalROptions,
  ) {
    this.paths = new HubPaths(options);
    this.maxSilenceMs = options.pollTimeoutMs ?? DEFAULT_POLL_TIMEOUT_MS;
  }

  match({ path }: RequestTarget): boolean {
    return this.paths.normalize(path) !== undefined;
  }

  handle({ request, target }: RoutedRequest, response: ServerResponse): void {
    this.rewritePath(request, target);
    this.endpoints.handle(request, response);
  }

  upgrade({ request, target }: RoutedRequest, socket: Duplex, head: Buffer): void {
    this.rewritePath(request, target);
    this.endpoints.upgrade(request, socket, head);
  }

  /**
   * A WebSocket is accepted wherever it lands, unless it was granted stateful reconnect: then its client may come back with the same token, to what only
   * that node has kept.
   */
  nodeFor({ request, target }: RoutedRequest): string | undefined {
    if (request.method === 'OPTIONS') return undefined;
    const token = tokenOf(target);
    if (opensWebSocket(request) && !grantsStatefulReconnect(token)) return undefined;
    return nodeOf(token);
  }

  /**
   * Negotiations, streams and WebSockets do, but for one that may be coming back. Polls are told apart from the first one by the node that holds their
   * connection.
   */
  opensClient({ request, target }: RoutedRequest): boolean {
    if (request.method === 'OPTIONS') return false;
    if (this.paths.normalize(target.path)?.endsWith('/negotiate')) return true;
    if (request.method !== 'GET') return false;
    const token = tokenOf(target);
    if (opensWebSocket(request) && !grantsStatefulReconnect(token)) return true;
    if (wantsEventStream(request)) return true;
    const nodeId = nodeOf(token);
    return nodeId === undefined || (nodeId === this.hub.nodeId && !this.endpoints.holds(token));
  }

  /** The id that others may see: tokens are secret. */
  connectionFor({ target }: RoutedRequest): string | undefined {
    const token = tokenOf(target);
    return nodeOf(token) === undefined ? undefined : publicIdOf(token);
  }

  sendAway(connectionId: string): boolean {
    return this.hub.sendAway(connectionId);
  }

  /** Gives the request the one path that its hub has for its endpoint; the query stays as it was sent. */
  private rewritePath(request: IncomingMessage, { path }: RequestTarget): void {
    const { url = '' } = request;
    const [sent = ''] = url.split('#', 1);
    request.url = `${this.paths.normalize(path) ?? path}${sent.slice(path.length)}`;
  }
}

function tokenOf({ query }: RequestTarget): string {
  return [...query].find(([name]) => name.toLowerCase() === 'id')?.[1] ?? '';
}

function opensWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /\bupgrade\b/i.test(headers.connection ?? '')
  );
}
