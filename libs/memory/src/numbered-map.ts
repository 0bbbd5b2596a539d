import { HubError } from '@ringback/contract';
import type { Page, PageRequest } from '@ringback/core';

/** One entry, at the number that it keeps as long as it is there. */
interface Slot<Item> {
  readonly key: string;
  readonly number: number;
  item: Item;
}

const CURSOR = /^[1-9][0-9]{0,15}$/;

/** How many removed entries may lie around before the order is made anew. */
const SPARE_SLOTS = 64;

/** A map that numbers its entries, so that they can be listed page by page while others come and go. */
export class NumberedMap<Item> {
  private readonly slots = new Map<string, Slot<Item>>();
  /** By number; holds removed entries for a while. */
  private order: Slot<Item>[] = [];
  private lastNumber = 0;

  get size(): number {
    return this.slots.size;
  }

  get(key: string): Item | undefined {
    return this.slots.get(key)?.item;
  }

  set(key: string, item: Item): void {
    const present = this.slots.get(key);
    if (present) {
      present.item = item;
      return;
    }
    const slot = { key, number: ++this.lastNumber, item };
    this.slots.set(key, slot);
    this.order.push(slot);
  }

  delete(key: string): boolean {
    const removed = this.slots.delete(key);
    if (this.order.length > 2 * this.slots.size + SPARE_SLOTS) this.order = [...this.slots.values()];
    return removed;
  }

  /** Removes all; numbers go on, so that no cursor of before shows an entry of after too late. */
  clear(): void {
    this.slots.clear();
    this.order = [];
  }

  /** In the order of their numbers. */
  *items(): Generator<Item> {
    for (const { item } of this.slots.values()) yield item;
  }

  /** One page of those that are accepted. Throws `bad-request` for a cursor that is none. */
  page({ cursor, limit }: PageRequest, accepts: (item: Item) => boolean = () => true): Page<Item> {
    const items: Item[] = [];
    let last = 0;
    for (let index = this.firstAfter(parseCursor(cursor)); index < this.order.length; index++) {
      const slot = this.order[index];
      if (!slot || this.slots.get(slot.key) !== slot || !accepts(slot.item)) continue;
      if (items.length >= Math.max(1, limit)) return { items, next: `${last}` };
      items.push(slot.item);
      last = slot.number;
    }
    return { items };
  }

  private firstAfter(number: number): number {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle]?.number ?? 0) > number) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The number that a cursor stands for; 0 for the first page. Throws `bad-request` for what is no cursor. */
export function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!CURSOR.test(cursor))
    throw new HubError('bad-request', 'The cursor is not one that the hub has given.');
  return Number(cursor);
}
