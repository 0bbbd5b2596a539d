import type { BookEntry, SubscriptionBook } from './subscription-book.port.js';

/** Has a subscription ended, unless somebody has wanted it anew since. Resolves to whether there was one. */
export async function endEntry(
  book: SubscriptionBook,
  hub: string,
  { eventguid, version }: Pick<BookEntry, 'eventguid' | 'version'>,
): Promise<boolean> {
  for (;;) {
    const entry = await book.get(hub, eventguid);
    if (entry?.version !== version || entry.state === 'ending') return entry !== undefined;
    if (await book.replace(hub, entry, { ...entry, state: 'ending' })) return true;
  }
}
