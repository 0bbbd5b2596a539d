import { EventHubClient } from '@ringback/bridge-signalr';
import type { Log } from '@ringback/core';
import type { AgentMetrics } from '../agent-metrics.js';
import type { HubConfig } from '../configuration/hub-config.js';
import type { HubSource, SourceListener } from './hub-source.port.js';
import { PatientDeliveries } from './patient-deliveries.js';

export interface SignalRSourceParts {
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

/** An MDrivenServer, or any event hub of three texts: no positions, nothing is kept for whoever is away. */
export class SignalRSource implements HubSource {
  private readonly client: EventHubClient;
  private readonly deliveries: PatientDeliveries;

  constructor({ name, url, token }: HubConfig, listener: SourceListener, parts: SignalRSourceParts) {
    this.deliveries = new PatientDeliveries({ hub: name, listener, ...parts });
    this.client = new EventHubClient({
      url,
      ...(token !== undefined && { accessToken: () => token }),
      onEvent: (eventguid, cookie, data) => this.deliveries.take(eventguid, cookie, data),
      onState: (isConnected) => listener.connection(isConnected),
      log: parts.log,
    });
    this.client.start();
  }

  async subscribe(eventguid: string, cookie: string): Promise<void> {
    this.client.subscribe(eventguid, cookie);
  }

  async unsubscribe(eventguid: string): Promise<void> {
    this.client.unsubscribe(eventguid);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.deliveries.ended();
  }
}
