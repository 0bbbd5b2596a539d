import type { Log } from '@ringback/core';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentMetrics } from '../agent-metrics.js';
import { retryDelayMs } from '../tickets/retry-delay.js';
import { freshTicketId } from '../tickets/ticket-id.js';
import type { SourceDelivery, SourceListener } from './hub-source.port.js';

export interface PatientDeliveriesParts {
  readonly hub: string;
  readonly listener: Pick<SourceListener, 'deliver'>;
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

/** What waits for the store while that is slow or away. */
const MOST_WAITING = 10_000;
const MOST_LETTERS = 64 * 1024 * 1024;
const HELD_MS = 10_000;
const DELAYS = { minDelayMs: 100, maxDelayMs: 2_000 };

/** Deliveries of a hub that repeats none: each is tried for some seconds, those of one event one after the other. */
export class PatientDeliveries {
  private readonly tails = new Map<string, Promise<void>>();
  private waiting = 0;
  private letters = 0;

  constructor(private readonly parts: PatientDeliveriesParts) {}

  take(eventguid: string, cookie: string, data: string): void {
    const isTooMuch = this.waiting >= MOST_WAITING || this.letters + data.length > MOST_LETTERS;
    if (isTooMuch) return this.lost(eventguid, 'too many wait');
    this.waiting++;
    this.letters += data.length;
    const delivery = { eventguid, cookie, data, ticketId: freshTicketId(), ended: false };
    const until = performance.now() + HELD_MS;
    const before = this.tails.get(eventguid) ?? Promise.resolve();
    const tail: Promise<void> = before
      .then(() => this.deliver(delivery, until))
      .then(() => this.leave(delivery, tail));
    this.tails.set(eventguid, tail);
  }

  /** Resolves when all that was taken is stored or lost. */
  async ended(): Promise<void> {
    await Promise.all(this.tails.values());
  }

  private leave({ eventguid, data }: SourceDelivery, tail: Promise<void>): void {
    this.waiting--;
    this.letters -= data.length;
    if (this.tails.get(eventguid) === tail) this.tails.delete(eventguid);
  }

  private async deliver(delivery: SourceDelivery, until: number): Promise<void> {
    const { hub, listener, log } = this.parts;
    const { eventguid } = delivery;
    for (let attempt = 1; performance.now() < until; attempt++) {
      try {
        return await listener.deliver(delivery);
      } catch (error) {
        if (attempt === 1) log.warn('ticket not stored', { hub, eventguid, error });
      }
      await pause(retryDelayMs(attempt, DELAYS));
    }
    this.lost(eventguid, 'not stored');
  }

  private lost(eventguid: string, reason: string): void {
    const { hub, metrics, log } = this.parts;
    metrics.delivered(hub, 'lost');
    log.error('delivery lost', { hub, eventguid, reason });
  }
}
