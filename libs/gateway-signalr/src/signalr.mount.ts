import { Inject, Injectable } from '@nestjs/common';
import type { ProtocolMount, RequestTarget, RoutedRequest } from '@ringback/gateway-kit';
import { grantsStatefulReconnect, nodeOf } from '@ringback/signalr';
import { HubEndpoints } from '@ringback/signalr-nest';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HubPaths } from './hub-paths.js';
import { POLL_TIMEOUT_MS } from './signalr.limits.js';
import { GATEWAY, SIGNALR_OPTIONS, type SignalROptions } from './signalr.options.js';

/** Brings the requests for the hubs to their endpoints, or to the node that they belong to. */
@Injectable()
export class SignalRMount implements ProtocolMount {
  readonly name = GATEWAY;
  /** The event hub is at every path with its name at the end. */
  readonly precedence = 'pattern';
  readonly maxSilenceMs = POLL_TIMEOUT_MS;
  private readonly paths: HubPaths;

  constructor(
    @Inject(HubEndpoints) private readonly endpoints: Pick<HubEndpoints, 'handle' | 'upgrade'>,
    @Inject(SIGNALR_OPTIONS) options: SignalROptions,
  ) {
    this.paths = new HubPaths(options);
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
    const token = [...target.query].find(([name]) => name.toLowerCase() === 'id')?.[1] ?? '';
    if (opensWebSocket(request) && !grantsStatefulReconnect(token)) return undefined;
    return nodeOf(token);
  }

  /** Gives the request the one path that its hub has for its endpoint; the query stays as it was sent. */
  private rewritePath(request: IncomingMessage, { path }: RequestTarget): void {
    const { url = '' } = request;
    const [sent = ''] = url.split('#', 1);
    request.url = `${this.paths.normalize(path) ?? path}${sent.slice(path.length)}`;
  }
}

function opensWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /\bupgrade\b/i.test(headers.connection ?? '')
  );
}
