import { HubError } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { endEntry } from './end-entry.js';
import type { HubLine } from './hub-line.js';
import type { BookEntry, SubscriptionBook, WantedSubscription } from './subscription-book.port.js';

/** A subscription, and the hub where it is. */
export interface HubSubscription extends BookEntry {
  readonly hub: string;
}

/** How long an operator waits for the hub's word before the answer is "pending". */
const WAIT_MS = 5_000;
const LOOK_MS = 20;

/** Where operators subscribe and unsubscribe the agent while it runs. */
export class SubscriptionDesk {
  constructor(
    private readonly lines: readonly HubLine[],
    private readonly book: SubscriptionBook,
    private readonly most: number,
  ) {}

  async list(): Promise<readonly HubSubscription[]> {
    const lists = await Promise.all(
      this.lines.map(async ({ hub }) =>
        (await this.book.list(hub.name)).map((entry) => Object.assign({ hub: hub.name }, entry)),
      ),
    );
    return lists.flat();
  }

  /**
   * Subscribes, whichever agent holds the connection. Resolves once the hub has it, to `active`, or to `pending` if that takes long. Rejects with the
   * hub's refusal, `not-found` for another hub, `forbidden` for what the configuration wants, `too-many-subscriptions`.
   */
  async put(hub: string, wanted: WantedSubscription): Promise<HubSubscription> {
    const line = this.find(hub);
    const entry: BookEntry = { ...wanted, wantedBy: 'operator', state: 'pending', version: randomUUID() };
    await this.enter(hub, entry);
    line.wake();
    const settled = await this.settled(hub, entry, ({ state }) => state !== 'pending');
    if (settled?.state === 'refused') throw new HubError(settled.error ?? 'internal');
    return { ...(settled ?? entry), hub };
  }

  /** Unsubscribes. Resolves to whether the hub knows already. Rejects with `not-found`, or `forbidden` for what the configuration wants. */
  async remove(hub: string, eventguid: string): Promise<boolean> {
    const line = this.find(hub);
    const entry = await this.book.get(hub, eventguid);
    if (!entry) throw new HubError('not-found', 'There is no such subscription.');
    assertOperators(entry);
    await endEntry(this.book, hub, entry);
    line.wake();
    return (await this.settled(hub, entry, () => false)) === undefined;
  }

  private async enter(hub: string, entry: BookEntry): Promise<void> {
    for (;;) {
      const entries = await this.book.list(hub);
      const before = entries.find(({ eventguid }) => eventguid === entry.eventguid);
      if (before) assertOperators(before);
      else if (entries.length >= this.most) throw new HubError('too-many-subscriptions');
      if (await this.book.replace(hub, before, entry)) return;
    }
  }

  /** The entry once the condition holds or the time is over; `undefined` once it is gone, or another stands there. */
  private async settled(
    hub: string,
    { eventguid, version }: BookEntry,
    condition: (entry: BookEntry) => boolean,
  ): Promise<BookEntry | undefined> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const entry = await this.book.get(hub, eventguid);
      if (entry?.version !== version) return undefined;
      if (condition(entry) || performance.now() > deadline) return entry;
      await pause(LOOK_MS);
    }
  }

  private find(name: string): HubLine {
    const line = this.lines.find(({ hub }) => hub.name === name);
    if (!line) throw new HubError('not-found', 'There is no such hub in the configuration.');
    return line;
  }
}

function assertOperators({ wantedBy }: BookEntry): void {
  if (wantedBy === 'operator') return;
  throw new HubError('forbidden', 'The configuration wants this subscription; change it there.');
}
