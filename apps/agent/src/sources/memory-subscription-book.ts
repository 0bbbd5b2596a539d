import { formatEntry, parseEntry } from './book-entry.codec.js';
import type { BookEntry, SubscriptionBook } from './subscription-book.port.js';

/** The subscriptions of one agent by itself, in its memory. */
export class MemorySubscriptionBook implements SubscriptionBook {
  private readonly books = new Map<string, Map<string, string>>();
  private changes = 0;

  async list(hub: string): Promise<readonly BookEntry[]> {
    return [...this.book(hub).values()].flatMap((text) => parseEntry(text) ?? []);
  }

  async get(hub: string, eventguid: string): Promise<BookEntry | undefined> {
    const text = this.book(hub).get(eventguid);
    return text === undefined ? undefined : parseEntry(text);
  }

  async replace(hub: string, before: BookEntry | undefined, after: BookEntry | undefined): Promise<boolean> {
    const eventguid = (before ?? after)?.eventguid ?? '';
    const book = this.book(hub);
    if (book.get(eventguid) !== (before && formatEntry(before))) return false;
    if (after) book.set(eventguid, formatEntry(after));
    else book.delete(eventguid);
    this.changes++;
    return true;
  }

  async revision(): Promise<number> {
    return this.changes;
  }

  private book(hub: string): Map<string, string> {
    const book = this.books.get(hub) ?? new Map<string, string>();
    this.books.set(hub, book);
    return book;
  }
}
