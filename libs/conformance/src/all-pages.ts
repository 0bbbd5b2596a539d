import type { Page, PageRequest } from '@ringback/core';

/** Pages of a list that never ends would keep a test for ever. */
const MOST_PAGES = 10_000;

/** Every page of a list, from the first to the one without `next`. */
export async function allPages<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
): Promise<readonly Page<Item>[]> {
  const pages = [await list({ limit })];
  for (let next = pages[0]!.next; next !== undefined; next = pages.at(-1)!.next) {
    pages.push(await list({ limit, cursor: next }));
    if (pages.length > MOST_PAGES) throw new Error('The list does not end.');
  }
  return pages;
}

/** Every item of a list. */
export async function allItems<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
): Promise<readonly Item[]> {
  return (await allPages(list, limit)).flatMap(({ items }) => items);
}
