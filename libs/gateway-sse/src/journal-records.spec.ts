import { describe, expect, it } from '@jest/globals';
import type { Change } from './journal-id.js';
import { changedText, ownerText, placesAt, wholeText } from './journal-records.js';
import type { Place } from './stream-id.js';

const place = (offset: number, epoch = 'e', over = false): Place => ({ epoch, offset, over });

function at(record: number, changes: readonly Change[] = []) {
  return { stream: 's', record, changes };
}

describe('the records of a journal', () => {
  const fields = new Map([
    ['of', 'owner'],
    ['0', wholeText([place(10), place(20), place(0, 'f')])],
    ['1', changedText('.1-5', [])],
    ['2', changedText('.0', [[2, place(3, 'g', true)]])],
    ['10', changedText('.1', [])],
  ]);

  it('say the places of each of them', () => {
    expect(placesAt(fields, at(0))).toEqual([place(10), place(20), place(0, 'f')]);
    expect(placesAt(fields, at(1))).toEqual([place(10), place(25), place(0, 'f')]);
    expect(placesAt(fields, at(2))).toEqual([place(11), place(25), place(3, 'g', true)]);
  });

  it('say the places after changes', () => {
    const changes = [
      { index: 0, step: 2, over: false },
      { index: 1, step: 1, over: true },
    ];
    expect(placesAt(fields, at(1, changes))).toEqual([place(12), place(26, 'e', true), place(0, 'f')]);
  });

  it('say no later places where one is missing', () => {
    expect(placesAt(fields, at(9))).toEqual(placesAt(fields, at(2)));
    const without = new Map([...fields].filter(([name]) => name !== '1'));
    expect(placesAt(without, at(2))).toEqual(placesAt(fields, at(0)));
  });

  it('lead no step on from an epoch that has ended meanwhile', () => {
    const renewed = new Map([...fields, ['3', changedText('', [[0, place(12, 'h')]])]]);
    const changes = [
      { index: 0, step: 1, over: false },
      { index: 1, step: 1, over: true },
    ];
    expect(placesAt(renewed, at(3, changes))?.[0]).toEqual(place(13, 'h'));
    renewed.delete('3');
    const kept = placesAt(fields, at(2));
    expect(placesAt(renewed, at(3, changes))).toEqual([kept?.[0], { ...kept?.[1], over: true }, kept?.[2]]);
  });

  it('begin with the last that has all places', () => {
    const later = new Map([...fields, ['9', wholeText([place(50), place(60), place(70)])]]);
    expect(placesAt(later, at(10))).toEqual([place(50), place(61), place(70)]);
    expect(placesAt(later, at(8))).toEqual(placesAt(fields, at(8)));
    later.delete('0');
    expect(placesAt(later, at(8))).toBeUndefined();
  });

  it.each(['', '*', '*x', '* 1.e.1', '*1.e.1 1.e', '1 1.e.1'])(
    'are of no use if the first is no whole: %j',
    (text) => {
      expect(placesAt(new Map([['0', text]]), at(0))).toBeUndefined();
    },
  );

  it('pass over what nobody has written', () => {
    const strange = new Map([...fields, ['3', 'x y 9 1.e.1 0 nothing 1'], ['-1', '*'], ['__proto__', '*']]);
    const changes = [
      { index: 7, step: 1, over: false },
      { index: 0, step: Number.MAX_SAFE_INTEGER, over: false },
    ];
    expect(placesAt(strange, at(3, changes))).toEqual(placesAt(fields, at(2)));
  });

  it('belong to one identity and one list', () => {
    const owners = [
      ownerText('a', ['b', 'c']),
      ownerText('a', ['c', 'b']),
      ownerText('a', ['b']),
      ownerText('b', ['b', 'c']),
      ownerText('a","b', ['c']),
    ];
    expect(new Set(owners).size).toBe(owners.length);
    expect(ownerText('a', ['b', 'c'])).toBe(owners[0]);
  });
});
