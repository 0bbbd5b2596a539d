import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import type { HubSource } from './hub-source.port.js';
import type { BookEntry, SubscriptionBook } from './subscription-book.port.js';

/** Subscriptions that are asked for at a time. */
const AT_ONCE = 32;

/** Brings the subscriptions at one hub to what the book says. For one connection: what that holds is known to it alone. */
export class SubscriptionSync {
  /** What the source is subscribed to: the versions of their entries. */
  private readonly held = new Map<string, string>();
  private hasForgotten = false;

  constructor(
    private readonly hub: string,
    private readonly source: HubSource,
    private readonly book: SubscriptionBook,
    private readonly log: Log,
  ) {}

  /** Whether there is something to do though nobody has changed the book. */
  get isBehind(): boolean {
    return this.hasForgotten;
  }

  /** Resolves to whether nothing is left to do. */
  async run(): Promise<boolean> {
    this.hasForgotten = false;
    const due = (await this.book.list(this.hub)).filter((entry) => this.isDue(entry));
    const results: boolean[] = [];
    for (let from = 0; from < due.length; from += AT_ONCE) {
      const part = due.slice(from, from + AT_ONCE);
      results.push(...(await Promise.all(part.map((entry) => this.bring(entry)))));
    }
    return results.every(Boolean);
  }

  /** The subscription has ended at the hub. */
  forget(eventguid: string): void {
    this.held.delete(eventguid);
    this.hasForgotten = true;
  }

  holds({ eventguid, version }: BookEntry): boolean {
    return this.held.get(eventguid) === version;
  }

  private isDue(entry: BookEntry): boolean {
    if (entry.state === 'ending') return true;
    return !this.holds(entry) && entry.state !== 'refused';
  }

  private async bring(entry: BookEntry): Promise<boolean> {
    try {
      await (entry.state === 'ending' ? this.end(entry) : this.make(entry));
      return true;
    } catch (error) {
      const { code, temporary } = HubError.from(error);
      this.log.warn('subscription failed', { hub: this.hub, eventguid: entry.eventguid, code });
      if (!temporary) await this.note(entry, { ...entry, state: 'refused', error: code });
      return !temporary;
    }
  }

  private async make(entry: BookEntry): Promise<void> {
    const { eventguid, cookie, version } = entry;
    this.held.set(eventguid, version); // before: deliveries may come first
    try {
      await this.source.subscribe(eventguid, cookie);
      await this.note(entry, { ...entry, state: 'active' });
    } catch (error) {
      this.held.delete(eventguid);
      throw error;
    }
  }

  private async end(entry: BookEntry): Promise<void> {
    await this.source.unsubscribe(entry.eventguid);
    this.held.delete(entry.eventguid);
    await this.note(entry, undefined);
  }

  /** Fails where somebody has changed the entry: then that is due, too, and comes next. */
  private async note(before: BookEntry, after: BookEntry | undefined): Promise<void> {
    if (before.state !== after?.state) await this.book.replace(this.hub, before, after);
  }
}
