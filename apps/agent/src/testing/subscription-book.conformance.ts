import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BookEntry, SubscriptionBook } from '../sources/subscription-book.port.js';

/** Makes books over one store that is empty at first. */
export interface BookHouse {
  book(): SubscriptionBook;
  close(): Promise<void>;
}

const entryOf = (eventguid: string, fields: Partial<BookEntry> = {}): BookEntry => ({
  eventguid,
  cookie: `Viewmodel=A&RootId=${eventguid}`,
  once: false,
  keepReceiptMinutes: 10,
  wantedBy: 'operator',
  state: 'pending',
  version: 'v1',
  ...fields,
});

/** What every adapter of the port `SubscriptionBook` has to do. */
export function describeSubscriptionBook(name: string, open: () => Promise<BookHouse>): void {
  describe(`${name} as a subscription book`, () => {
    let house: BookHouse;
    let book: SubscriptionBook;

    beforeEach(async () => {
      house = await open();
      book = house.book();
    });

    afterEach(async () => {
      await house.close();
    });

    it('is empty at first', async () => {
      expect(await book.list('main')).toEqual([]);
      expect(await book.get('main', 'a')).toBeUndefined();
      expect(await book.revision('main')).toBe(0);
    });

    it('keeps the entries of each hub as they were entered, whatever their eventguids are', async () => {
      const strange = entryOf('{a}: %7D\n"ü"', { error: 'forbidden', state: 'refused' });
      for (const entry of [entryOf('a'), strange]) await book.replace('main', undefined, entry);
      await book.replace('other hub', undefined, entryOf('b'));
      expect(await book.list('main')).toEqual(expect.arrayContaining([entryOf('a'), strange]));
      expect(await book.list('main')).toHaveLength(2);
      expect(await book.get('main', strange.eventguid)).toEqual(strange);
      expect(await book.list('other hub')).toEqual([entryOf('b')]);
    });

    it('replaces an entry only by whoever knows it as it is', async () => {
      const [first, second] = [entryOf('a'), entryOf('a', { version: 'v2' })];
      expect(await book.replace('main', undefined, first)).toBe(true);
      expect(await book.replace('main', undefined, second)).toBe(false);
      expect(await book.replace('main', second, undefined)).toBe(false);
      expect(await book.replace('main', await book.get('main', 'a'), second)).toBe(true);
      expect(await book.replace('main', first, undefined)).toBe(false);
      expect(await book.replace('main', second, undefined)).toBe(true);
      expect(await book.list('main')).toEqual([]);
    });

    it('lets one of many replace an entry at once', async () => {
      await book.replace('main', undefined, entryOf('a'));
      const wishes = Array.from({ length: 20 }, (_, at) => entryOf('a', { version: `w${at}` }));
      const results = await Promise.all(wishes.map((wish) => book.replace('main', entryOf('a'), wish)));
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('shows every change by its revision, and what did not change anything by the same one', async () => {
      await book.replace('main', undefined, entryOf('a'));
      const entered = await book.revision('main');
      expect(entered).toBeGreaterThan(0);
      await book.replace('main', undefined, entryOf('a'));
      expect(await book.revision('main')).toBe(entered);
      await book.replace('main', entryOf('a'), undefined);
      expect(await book.revision('main')).toBeGreaterThan(entered);
    });
  });
}
