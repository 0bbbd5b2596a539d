import type { Claims, Log } from '@ringback/core';
import type { AgentMetrics } from '../agent-metrics.js';
import type { HubConfig } from '../configuration/hub-config.js';
import { retryDelayMs } from '../tickets/retry-delay.js';
import { enterConfigured } from './configured-entries.js';
import { endEntry } from './end-entry.js';
import { HeldClaim } from './held-claim.js';
import type { HubSource, OpenSource, SourceDelivery } from './hub-source.port.js';
import type { SubscriptionBook } from './subscription-book.port.js';
import { SubscriptionSync } from './subscription-sync.js';
import type { TicketIntake } from './ticket-intake.js';
import { Waker } from './waker.js';

export interface HubLineParts {
  readonly agentId: string;
  readonly claims: Claims;
  /** How long an agent may be silent before another takes the hub over. */
  readonly leaseMs: number;
  readonly book: SubscriptionBook;
  readonly intake: TicketIntake;
  readonly openSource: OpenSource;
  readonly metrics: AgentMetrics;
  readonly log: Log;
}

/** How this agent stands with a hub; of several agents, one is connected. */
export type LineState = 'standing-by' | 'connecting' | 'connected' | 'disconnected';

/** How often the book is asked whether another agent has changed it. */
const LOOK_MS = 250;
/** Before what failed is tried again. */
const DELAYS = { minDelayMs: 500, maxDelayMs: 10_000 };
const STAND_BY_MS = 1_000;
/** A connection that lasted so long was a good one: what fails next is tried again soon. */
const LASTING_MS = 10_000;

/** Keeps one hub connected, by the agent that holds its claim: two would take the session from each other for ever. */
export class HubLine {
  state: LineState = 'standing-by';
  private readonly waker = new Waker();
  private isStopped = false;
  private isOver = false;
  private failures = 0;
  /** Of the source that is open. */
  private sync: SubscriptionSync | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    readonly hub: HubConfig,
    private readonly parts: HubLineParts,
  ) {}

  start(): void {
    this.work = this.run();
  }

  /** Resolves once the source is closed, what it delivered is stored, and another agent may take over. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.waker.wake();
    await this.work;
  }

  /** The book has changed. */
  wake(): void {
    this.waker.wake();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const wasHeld = await this.attend();
      this.enter('standing-by');
      this.waker.forget(); // a source that ends as soon as it is opened would be opened again at once, and again
      if (!this.isStopped) await this.waker.wait(wasHeld ? retryDelayMs(this.failures, DELAYS) : STAND_BY_MS);
    }
  }

  /** Resolves to whether this agent held the claim or failed to, when that is over. */
  private async attend(): Promise<boolean> {
    const { parts, hub } = this;
    this.isOver = false;
    let claim: HeldClaim | undefined;
    try {
      claim = await HeldClaim.take(parts, `agent:${hub.name}`, parts.agentId, () => this.over('claim lost'));
      if (claim) await this.connect();
      return claim !== undefined;
    } catch (error) {
      this.failures++;
      parts.log.warn('hub not connected', { hub: hub.name, error });
      return true;
    } finally {
      await claim?.release().catch((error: unknown) => parts.log.warn('claim not released', { error }));
    }
  }

  private async connect(): Promise<void> {
    const { hub, parts } = this;
    await enterConfigured(hub, parts.book);
    this.enter('connecting');
    const source = await parts.openSource(hub, {
      deliver: (delivery) => this.deliver(delivery),
      connection: (isConnected) => this.enter(isConnected ? 'connected' : 'disconnected'),
      ended: (reason) => this.over(reason),
    });
    this.sync = new SubscriptionSync(hub.name, source, parts.book, parts.log);
    await this.serve(source, this.sync);
  }

  private async serve(source: HubSource, sync: SubscriptionSync): Promise<void> {
    const since = performance.now();
    try {
      let settled: number | undefined;
      while (!this.isOver && !this.isStopped) {
        settled = await this.look(sync, settled);
        const waitMs = settled === undefined ? DELAYS.minDelayMs : LOOK_MS;
        if (!this.isOver && !this.isStopped) await this.waker.wait(waitMs);
      }
    } finally {
      await source.close();
      if (performance.now() - since > LASTING_MS) this.failures = 0;
      this.sync = undefined;
    }
  }

  /** Resolves to the revision of the book that the hub has come to; `undefined` while something is left to do. */
  private async look(sync: SubscriptionSync, settled: number | undefined): Promise<number | undefined> {
    const { book, log } = this.parts;
    try {
      const revision = await book.revision(this.hub.name);
      if (revision === settled && !sync.isBehind) return settled;
      return (await sync.run()) ? revision : undefined;
    } catch (error) {
      // The connection stays as long as the claim does: what some hubs send meanwhile, they do not repeat.
      log.warn('subscriptions not looked up', { hub: this.hub.name, error });
      return undefined;
    }
  }

  private async deliver(delivery: SourceDelivery): Promise<void> {
    const { parts, sync } = this;
    const { intake, book } = parts;
    const ended = await intake.take(this.hub.name, delivery);
    if (!ended || !sync) return;
    // What somebody has wanted anew meanwhile goes on.
    const isPresent = sync.holds(ended);
    if (delivery.ended) sync.forget(delivery.eventguid);
    if (isPresent && ended.wantedBy === 'operator') await endEntry(book, this.hub.name, ended);
    this.waker.wake();
  }

  private enter(state: LineState): void {
    this.state = state;
    this.parts.metrics.connection(this.hub.name, state === 'connected');
  }

  private over(reason: string): void {
    this.parts.log.warn('hub source ended', { hub: this.hub.name, reason });
    this.failures++;
    this.isOver = true;
    this.waker.wake();
  }
}
