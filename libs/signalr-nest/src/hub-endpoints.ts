import { Inject, Injectable } from '@nestjs/common';
import { SignalREndpoint, SignalRServer } from '@ringback/signalr';
import type { Server } from 'node:http';
import type { FoundHub } from './hub-explorer.js';
import { logFault } from './nest-log.js';
import { SIGNALR_SETTINGS, type EndpointSettings, type SignalRSettings } from './signalr.settings.js';

/** The hubs of an application, and where their clients come in. */
@Injectable()
export class HubEndpoints {
  private readonly endpoints: SignalREndpoint[] = [];

  constructor(
    @Inject(SignalRServer) private readonly server: SignalRServer,
    @Inject(SIGNALR_SETTINGS) private readonly settings: SignalRSettings,
  ) {}

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

  /** Sends all clients away, to come back elsewhere, and takes no more. */
  async close(drainMs: number): Promise<void> {
    await this.server.drain(drainMs);
    await Promise.all(this.endpoints.map((endpoint) => endpoint.close()));
  }
}

const textUser: NonNullable<EndpointSettings['userId']> = ({ user }) =>
  typeof user === 'string' ? user : undefined;
