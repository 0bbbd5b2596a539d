import { beforeEach, describe, expect, it } from '@jest/globals';
import { AdmissionSlots, type AdmissionSlot } from './admission-slots.js';

describe('AdmissionSlots', () => {
  let slots: AdmissionSlots;
  let begun: Map<string, AdmissionSlot>;
  const gone = new Set<string>();

  beforeEach(() => {
    slots = new AdmissionSlots({ max: 3, maxPerAddress: 2 });
    begun = new Map();
    gone.clear();
  });

  function enter(name: string, address?: string): void {
    slots.enter(
      address,
      (slot) => begun.set(name, slot),
      () => gone.has(name),
    );
  }

  const names = (): string[] => [...begun.keys()];

  it('has so many begin, and the others in their order as places become free', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) enter(name);
    expect(names()).toEqual(['a', 'b', 'c']);
    expect([slots.size, slots.waiting]).toEqual([3, 2]);
    begun.get('b')?.release();
    begun.get('b')?.release();
    expect(names()).toEqual(['a', 'b', 'c', 'd']);
    begun.get('a')?.release();
    expect(names()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect([slots.size, slots.waiting]).toEqual([3, 0]);
  });

  it('has fewer of one address begin, and others pass by', () => {
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name, 'a');
    enter('b1', 'b');
    expect(names()).toEqual(['a1', 'a2', 'b1']);
    begun.get('b1')?.release();
    expect(names()).toEqual(['a1', 'a2', 'b1']);
    begun.get('a1')?.release();
    expect(names()).toEqual(['a1', 'a2', 'b1', 'a3']);
    expect([slots.size, slots.waiting]).toEqual([2, 1]);
  });

  it('forgets those that have gone meanwhile', () => {
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name, 'a');
    for (const name of ['b1', 'b2', 'b3', 'c1']) enter(name, name.startsWith('b') ? 'b' : 'c');
    expect(names()).toEqual(['a1', 'a2', 'b1']);
    for (const name of ['a3', 'b2']) gone.add(name);
    begun.get('a1')?.release();
    begun.get('a2')?.release();
    begun.get('b1')?.release();
    expect(names()).toEqual(expect.arrayContaining(['a4', 'b3', 'c1']));
    for (const slot of begun.values()) slot.release();
    expect([slots.size, slots.waiting]).toEqual([0, 0]);
  });

  it('never forgets one that waits first for its address, then for any place', () => {
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name, 'a');
    for (const name of ['x', 'y', 'z']) enter(name);
    for (let round = 0; round < 7; round++) {
      const next = [...begun].find(([name]) => !gone.has(name));
      if (!next) break;
      gone.add(next[0]);
      next[1].release();
      gone.delete(next[0]);
      begun.set(next[0], { address: undefined, release: () => undefined });
      gone.add(next[0]);
    }
    expect(names().toSorted()).toEqual(['a1', 'a2', 'a3', 'a4', 'x', 'y', 'z']);
  });
});
