import type { Relayed, StoredSubscription } from '@ringback/core';

/** One cut: its envelope, and the named subscriptions that it has ended and that are not settled yet. */
interface Cut {
  readonly relayed: Relayed;
  readonly subscriptions: Map<string, StoredSubscription>;
}

/** A subscription with the one-shot that has ended it. */
interface SetAside {
  readonly subscription: StoredSubscription;
  readonly relayed: Relayed;
}

/** Beyond this the oldest is forgotten: who subscribes again after each cut and never acknowledges cannot fill the memory. */
const MOST_CUTS = 1_000;

/** What the cuts of one event have set aside for named subscribers. */
export class Cuts {
  /** Oldest first. */
  private cuts: Cut[] = [];

  constructor(private readonly ttlMs: number) {}

  get size(): number {
    return this.cuts.length;
  }

  add(relayed: Relayed, subscriptions: readonly StoredSubscription[]): void {
    if (subscriptions.length === 0) return;
    const bySubscriber = new Map(
      subscriptions.map((subscription) => [subscription.subscriber, subscription]),
    );
    this.cuts.push({ relayed, subscriptions: bySubscriber });
    if (this.cuts.length > MOST_CUTS) this.cuts.shift();
  }

  has(subscriber: string): boolean {
    return this.cuts.some(({ subscriptions }) => subscriptions.has(subscriber));
  }

  /** What is set aside for the subscriber, oldest first. */
  of(subscriber: string): readonly SetAside[] {
    return this.cuts.flatMap(({ relayed, subscriptions }) => {
      const subscription = subscriptions.get(subscriber);
      return subscription ? [{ subscription, relayed }] : [];
    });
  }

  /** Forgets what is set aside for the subscriber by cuts up to the offset. */
  settle(subscriber: string, upTo: number): void {
    for (const { relayed, subscriptions } of this.cuts) {
      if (relayed.envelope.position.offset <= upTo) subscriptions.delete(subscriber);
    }
    this.cuts = this.cuts.filter(({ subscriptions }) => subscriptions.size > 0);
  }

  /** Forgets what has been set aside for the time to live of a session. */
  forgetOld(now: number): void {
    const isKept = ({ relayed }: Cut) => now - relayed.envelope.time < this.ttlMs;
    while (this.cuts[0] && !isKept(this.cuts[0])) this.cuts.shift();
  }
}
