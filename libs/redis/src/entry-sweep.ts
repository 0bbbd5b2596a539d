import type { EventGuid } from '@ringback/contract';
import type { RedisConnections } from './connections.js';
import { EntryDisposal } from './entry-disposal.js';
import { EventPages } from './event-pages.js';
import { SubscriptionPages } from './subscription-pages.js';

const STEP_EVERY_MS = 10_000;
/** Entries of one page, of events or of the subscriptions of one. */
const PAGE = 100;
/** Pages of subscriptions that one step reads. */
const MOST_PAGES = 100;

/** Where the next page of the subscriptions of an event begins. */
interface Place {
  readonly eventguid: EventGuid;
  readonly cursor?: string;
}

/**
 * Reads through the stored subscriptions of all events, a little at a time and over and over, so that what is none is found though nobody looks there. What
 * it finds is reported and removed by those who read.
 */
export class EntrySweep {
  private readonly events: EventPages;
  private readonly pages: SubscriptionPages;
  private steppedAt = Number.NEGATIVE_INFINITY;
  /** Where the next page of events begins. */
  private cursor: string | undefined;
  /** Events of the last page that are not read to their end. */
  private due: Place[] = [];

  constructor(
    private readonly redis: RedisConnections,
    metaTtlMs: number,
    private readonly stepEveryMs = STEP_EVERY_MS,
  ) {
    this.events = new EventPages(redis);
    this.pages = new SubscriptionPages(redis, new EntryDisposal(redis, metaTtlMs));
  }

  /** Reads a number of pages, unless it has done so a moment ago. Never rejects: what was not reached is read another time. */
  async step(): Promise<void> {
    if (performance.now() - this.steppedAt < this.stepEveryMs) return;
    this.steppedAt = performance.now();
    try {
      if (this.due.length === 0) await this.nextEvents();
      for (let pages = 0; pages < MOST_PAGES && this.due.length > 0; pages++) await this.nextPage();
    } catch (error) {
      this.redis.log.warn('stored subscriptions not looked through', { error });
    }
  }

  private async nextEvents(): Promise<void> {
    const { cursor } = this;
    this.cursor = undefined;
    const { items, next } = await this.events.page({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    this.cursor = next;
    this.due = items.filter(({ subscribers }) => subscribers > 0).map(({ eventguid }) => ({ eventguid }));
  }

  private async nextPage(): Promise<void> {
    const place = this.due.pop();
    if (!place) return;
    const { eventguid, cursor } = place;
    const { keys, unreadable } = this.redis;
    const page = await unreadable.skip(keys.channel(eventguid), () =>
      this.pages.page(eventguid, { limit: PAGE, ...(cursor !== undefined && { cursor }) }),
    );
    if (page?.next !== undefined) this.due.push({ eventguid, cursor: page.next });
  }
}
