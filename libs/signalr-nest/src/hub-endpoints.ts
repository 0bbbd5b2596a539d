import { Inject, Injectable } from '@nestjs/common';
import { jsonProtocol, messagePackProtocol, SignalREndpoint, SignalRServer } from '@ringback/signalr';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FoundHub } from './hub-explorer.js';
import { logFault, nestLog } from './nest-log.js';
import { SIGNALR_SETTINGS, type EndpointSettings, type SignalRSettings } from './signalr.settings.js';

/** A server with its hubs, and where their clients come in. */
@Injectable()
export class HubEndpoints {
  readonly server: SignalRServer;
  private readonly endpoints: SignalREndpoint[] = [];

  constructor(@Inject(SIGNALR_SETTINGS) private readonly settings: SignalRSettings) {
    this.server = new SignalRServer({
      protocols: [jsonProtocol, messagePackProtocol],
      log: nestLog,
      ...settings,
    });
  }

  /** Throws when there is a hub at that path already. */
  add({ place: { path, options }, definition }: FoundHub): void {
    const { tokens, userId = textUser, ...settings }: EndpointSettings = { ...this.settings, ...options };
    const hub = this.server.addHub(path, { ...definition, userId }, options);
    const endpoint = new SignalREndpoint({
      onFault: logFault,
      ...settings,
      path,
      accept: (connection) => hub.accept(connection),
      ...(tokens && { tokens: tokens(path) }),
    });
    this.endpoints.push(endpoint);
  }

  /** Takes the requests and upgrades of the hubs from an HTTP server; all others go where they went before. */
  attach(server: Server): void {
    for (const endpoint of this.endpoints) endpoint.attach(server);
  }

  /** Answers a request, unless its path is none of the hubs': then it answers `false` and leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    return this.endpoints.some((endpoint) => endpoint.handle(request, response));
  }

  /** The same for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    return this.endpoints.some((endpoint) => endpoint.upgrade(request, socket, head));
  }

  /** Whether one of the hubs has a connection with that token, which has a transport. */
  holds(connectionToken: string): boolean {
    return this.endpoints.some((endpoint) => endpoint.holds(connectionToken));
  }

  /** Sends all clients away, to come back elsewhere, and takes no more. */
  async close(drainMs: number): Promise<void> {
    await this.server.drain(drainMs);
    await Promise.all(this.endpoints.map((endpoint) => endpoint.close()));
  }
}

const textUser: NonNullable<EndpointSettings['userId']> = ({ user }) =>
  typeof user === 'string' ? user : undefined;
