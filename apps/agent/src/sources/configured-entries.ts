import { randomUUID } from 'node:crypto';
import type { HubConfig } from '../configuration/hub-config.js';
import type { BookEntry, SubscriptionBook, WantedSubscription } from './subscription-book.port.js';

/** Enters what the configuration wants of a hub, and ends what an earlier one wanted. A hub's `refused` is asked again. */
export async function enterConfigured(
  { name, subscriptions }: HubConfig,
  book: SubscriptionBook,
): Promise<void> {
  const known = new Map((await book.list(name)).map((entry) => [entry.eventguid, entry]));
  for (const wanted of subscriptions) {
    const before = known.get(wanted.eventguid);
    known.delete(wanted.eventguid);
    if (!before || !isSame(before, wanted)) await book.replace(name, before, enter(wanted));
  }
  for (const entry of known.values()) {
    const isForgotten = entry.wantedBy === 'configuration' && entry.state !== 'ending';
    if (isForgotten) await book.replace(name, entry, { ...entry, state: 'ending' });
  }
}

function enter(wanted: WantedSubscription): BookEntry {
  return { ...wanted, wantedBy: 'configuration', state: 'pending', version: randomUUID() };
}

function isSame(entry: BookEntry, wanted: WantedSubscription): boolean {
  return (
    entry.wantedBy === 'configuration' &&
    (entry.state === 'active' || entry.state === 'pending') &&
    entry.cookie === wanted.cookie &&
    entry.keepReceiptMinutes === wanted.keepReceiptMinutes
  );
}
