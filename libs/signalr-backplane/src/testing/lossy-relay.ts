import { HubError, type EventGuid, type Published, type Trigger } from '@ringback/contract';
import type { Missed, Relay, RelayListener, Relayed, Standing } from '@ringback/core';

/** A relay whose envelopes a spec loses on the way, and which it makes unavailable. */
export class LossyRelay implements Relay {
  /** Envelopes that come while this is set are lost. */
  losing = false;
  /** So many calls fail from now on. */
  failing = 0;
  /** Publications wait while this is set. */
  slow: Promise<void> | undefined;
  readonly published: Trigger[] = [];
  private listener: RelayListener | undefined;

  constructor(private readonly relay: Relay) {}

  async publish(trigger: Trigger): Promise<Published> {
    this.fail();
    this.published.push(trigger);
    await this.slow;
    return this.relay.publish(trigger);
  }

  shardOf(eventguid: EventGuid): string {
    return this.relay.shardOf(eventguid);
  }

  async follow(eventguid: EventGuid): Promise<void> {
    this.fail();
    return this.relay.follow(eventguid);
  }

  unfollow(eventguid: EventGuid): Promise<void> {
    return this.relay.unfollow(eventguid);
  }

  async since(...args: Parameters<Relay['since']>): Promise<Missed> {
    this.fail();
    return this.relay.since(...args);
  }

  async standings(eventguids: readonly EventGuid[]): Promise<readonly (Standing | undefined)[]> {
    this.fail();
    return this.relay.standings(eventguids);
  }

  history(...args: Parameters<Relay['history']>): ReturnType<Relay['history']> {
    return this.relay.history(...args);
  }

  listen(listener: RelayListener): void {
    this.listener = listener;
    this.relay.listen({
      onEnvelope: (relayed: Relayed) => {
        if (!this.losing) listener.onEnvelope(relayed);
      },
      onRemoved: () => {},
      onPresence: () => {},
      onDoubt: () => {},
      onFailover: () => {},
    });
  }

  /** Says that envelopes may have been lost. */
  doubt(): void {
    this.listener?.onDoubt([]);
  }

  /** Says that what keeps the events was restarted. */
  failOver(): void {
    this.listener?.onFailover();
  }

  private fail(): void {
    if (this.failing === 0) return;
    this.failing--;
    throw new HubError('relay-unavailable');
  }
}
