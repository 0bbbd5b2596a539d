import { EventHubClient } from '@ringback/bridge-signalr';
import type { Log } from '@ringback/core';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentMetrics } from '../agent-metrics.js';
import type { HubConfig } from '../configuration/hub-config.js';
import { retryDelayMs } from '../tickets/retry-delay.js';
import { DeliveriesUnderWay } from './deliveries-under-way.js';
import type { HubSource, SourceListener } from './hub-source.port.js';

export interface SignalRSourceParts {
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

/** Deliveries that wait for the store while it does not answer; the hub would not repeat them. */
const MOST_WAITING = 1_000;
const ATTEMPTS = 8;
const DELAYS = { minDelayMs: 100, maxDelayMs: 5_000 };

/** An MDrivenServer, or any event hub of three texts: no positions, nothing is kept for whoever is away. */
export class SignalRSource implements HubSource {
  private readonly client: EventHubClient;
  private readonly underWay = new DeliveriesUnderWay();
  private waiting = 0;

  constructor(
    private readonly hub: HubConfig,
    private readonly listener: SourceListener,
    private readonly parts: SignalRSourceParts,
  ) {
    const { url, token } = hub;
    this.client = new EventHubClient({
      url,
      ...(token !== undefined && { accessToken: () => token }),
      onEvent: (eventguid, cookie, data) => this.take(eventguid, cookie, data),
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
    await this.underWay.ended();
  }

  private async take(eventguid: string, cookie: string, data: string): Promise<void> {
    if (this.waiting >= MOST_WAITING) return this.lost(eventguid, 'too many wait');
    this.waiting++;
    try {
      await this.underWay.run(this.deliver(eventguid, cookie, data));
    } finally {
      this.waiting--;
    }
  }

  private async deliver(eventguid: string, cookie: string, data: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        await this.listener.deliver({ eventguid, cookie, data, ended: false });
        return;
      } catch (error) {
        this.parts.log.warn('ticket not stored', { hub: this.hub.name, eventguid, attempt, error });
      }
      await pause(retryDelayMs(attempt, DELAYS));
    }
    this.lost(eventguid, 'not stored');
  }

  private lost(eventguid: string, reason: string): void {
    this.parts.metrics.delivered(this.hub.name, 'lost');
    this.parts.log.error('delivery lost', { hub: this.hub.name, eventguid, reason });
  }
}
