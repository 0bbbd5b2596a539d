import type { Relay } from '@ringback/core';
import type { HubLog, Timers } from '@ringback/signalr';
import type { FollowedChannel } from './followed-channel.js';
import { persist } from './persistence.js';

/** What is compared, and with what. */
export interface ComparisonContext {
  readonly relay: Pick<Relay, 'standings'>;
  readonly timers: Timers;
  readonly log: HubLog;
}

/** Asks the relay where the events stand, in the background: the last envelope may be the one that has not come. */
export class StandingsComparison {
  private running = false;
  private again = false;
  private stopped = false;

  constructor(
    private readonly channels: readonly FollowedChannel[],
    private readonly context: ComparisonContext,
  ) {}

  /** Compares soon; once, however often it is called until then. */
  request(): void {
    this.again = !this.stopped;
    if (this.running || this.stopped) return;
    this.running = true;
    this.run()
      .catch((error: unknown) => this.context.log.warn('positions between nodes not compared', { error }))
      .finally(() => {
        this.running = false;
        if (this.again) this.request(); // asked for in the meantime
      });
  }

  stop(): void {
    this.stopped = true;
    this.again = false;
  }

  private async run(): Promise<void> {
    const { timers, log } = this.context;
    while (this.again) {
      this.again = false;
      await persist(() => this.compare(), {
        timers,
        isOver: () => this.stopped,
        onFailed: (error) => log.warn('positions between nodes not compared yet', { error }),
      });
    }
  }

  private async compare(): Promise<void> {
    const eventguids = this.channels.map(({ eventguid }) => eventguid);
    const standings = await this.context.relay.standings(eventguids);
    for (const [index, standing] of standings.entries()) {
      if (standing) this.channels[index]?.compare(standing);
    }
  }
}
