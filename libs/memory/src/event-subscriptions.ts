import { isNamed, type Members, type Page, type PageRequest, type StoredSubscription } from '@ringback/core';
import { NumberedMap } from './numbered-map.js';

/** The subscriptions that stand at one event, by subscriber. */
export class EventSubscriptions {
  private readonly all = new NumberedMap<StoredSubscription>();
  private readonly named = new Set<string>();
  private readonly present = new Set<string>();

  get size(): number {
    return this.all.size;
  }

  /** How many of them are of named subscribers. */
  get namedSize(): number {
    return this.named.size;
  }

  get(subscriber: string): StoredSubscription | undefined {
    return this.all.get(subscriber);
  }

  set(subscription: StoredSubscription): void {
    const { subscriber, presence } = subscription;
    this.all.set(subscriber, subscription);
    if (isNamed(subscriber)) this.named.add(subscriber);
    if (presence) this.present.add(subscriber);
  }

  delete(subscriber: string): void {
    this.all.delete(subscriber);
    this.named.delete(subscriber);
    this.present.delete(subscriber);
  }

  /** Removes all. Answers those of named subscribers. */
  cut(): readonly StoredSubscription[] {
    const named = Array.from(this.named, (subscriber) => this.all.get(subscriber)).filter(
      (subscription) => subscription !== undefined,
    );
    this.all.clear();
    this.named.clear();
    this.present.clear();
    return named;
  }

  items(): Generator<StoredSubscription> {
    return this.all.items();
  }

  page(request: PageRequest): Page<StoredSubscription> {
    return this.all.page(request);
  }

  members(limit: number): Members {
    const members: string[] = [];
    for (const subscriber of this.present) {
      if (members.length >= limit) break;
      members.push(subscriber);
    }
    return { members, total: this.present.size };
  }
}
