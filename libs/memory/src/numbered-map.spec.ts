import { describe, expect, it } from '@jest/globals';
import { NumberedMap } from './numbered-map.js';

function filled(count: number): NumberedMap<number> {
  const map = new NumberedMap<number>();
  for (let item = 1; item <= count; item++) map.set(`${item}`, item);
  return map;
}

describe('NumberedMap', () => {
  it('shows its items in the order in which they came, page by page', () => {
    const map = filled(5);
    const first = map.page({ limit: 2 });
    const second = map.page({ limit: 2, cursor: first.next! });
    const third = map.page({ limit: 2, cursor: second.next! });
    expect([first, second, third].map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
    expect(third).toEqual({ items: [5] });
  });

  it('gives no cursor for a page that is empty', () => {
    expect(filled(2).page({ limit: 2 })).toEqual({ items: [1, 2] });
    expect(filled(0).page({ limit: 2 })).toEqual({ items: [] });
  });

  it('keeps the place of an entry that changes, and gives a new one to an entry that comes back', () => {
    const map = filled(3);
    map.set('1', 10);
    map.delete('2');
    map.set('2', 20);
    expect(map.page({ limit: 9 }).items).toEqual([10, 3, 20]);
  });

  it('leaves out nothing that stays while nearly all others are removed', () => {
    const map = filled(1_000);
    const { next } = map.page({ limit: 500 });
    for (let item = 1; item <= 990; item++) expect(map.delete(`${item}`)).toBe(true);
    expect(map.page({ limit: 500, cursor: next! }).items).toEqual([
      991, 992, 993, 994, 995, 996, 997, 998, 999, 1000,
    ]);
    expect(map.size).toBe(10);
  });

  it('shows what comes after a clear behind what came before', () => {
    const map = filled(3);
    const { next } = map.page({ limit: 2 });
    map.clear();
    map.set('4', 4);
    expect(map.page({ limit: 9, cursor: next! }).items).toEqual([4]);
  });

  it('pages over accepted items only', () => {
    const map = filled(6);
    const even = (item: number) => item % 2 === 0;
    const { items, next } = map.page({ limit: 2 }, even);
    expect(items).toEqual([2, 4]);
    expect(map.page({ limit: 2, cursor: next! }, even)).toEqual({ items: [6] });
  });

  it.each(['', '0', '-1', '1.5', ' 1', '1e3', 'x'])('refuses the cursor %j', (cursor) => {
    expect(() => filled(1).page({ limit: 1, cursor })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });
});
