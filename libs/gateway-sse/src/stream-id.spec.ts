import { describe, expect, it } from '@jest/globals';
import { entryText, epochTag, listPrefix, MAX_LISTED_EVENTS, parseStreamId, placeText } from './stream-id.js';

const EPOCH = '0123456789abcdef';
/** Browsers let a page of another origin send it without asking. */
const SAFE = /^[0-9A-Za-z._-]{1,128}$/;

const eventguids = Array.from({ length: MAX_LISTED_EVENTS }, (_, index) => `event ${index}`);

function idOf(offsets: readonly number[], over: readonly number[] = []): string {
  const entries = offsets.map((offset, index) =>
    entryText({ tag: epochTag(EPOCH + index), offset, over: over.includes(index) }),
  );
  return listPrefix(eventguids.slice(0, offsets.length)) + entries.join('');
}

describe('the id of a stream', () => {
  it('says the place of the one event', () => {
    const text = placeText({ epoch: EPOCH, offset: 41 }, false);
    expect(text).toBe(`1.${EPOCH}.41`);
    expect(parseStreamId(text, ['e'])).toEqual({
      kind: 'place',
      place: { epoch: EPOCH, offset: 41, over: false },
    });
  });

  it('says that a one-shot has ended it there', () => {
    const text = placeText({ epoch: EPOCH, offset: 42 }, true);
    expect(parseStreamId(text, ['e'])).toMatchObject({ place: { offset: 42, over: true } });
  });

  it('says the places of several events, and which of them are over', () => {
    const told = parseStreamId(idOf([0, 1, 36, 1_000_000], [1, 3]), eventguids.slice(0, 4));
    expect(told).toEqual({
      kind: 'places',
      places: [0, 1, 36, 1_000_000].map((offset, index) => ({
        tag: epochTag(EPOCH + index),
        offset,
        over: index % 2 === 1,
      })),
    });
  });

  it('has room for as many events as a stream may have, with two thousand million triggers each', () => {
    expect(idOf(eventguids.map(() => 36 ** 6 - 1))).toMatch(SAFE);
    expect(placeText({ epoch: 'e'.repeat(32), offset: Number.MAX_SAFE_INTEGER }, true)).toMatch(SAFE);
  });

  it('comes back the same whatever the tags are', () => {
    for (let round = 0; round < 500; round++) {
      const tag = epochTag(String(round));
      const id = listPrefix(['a', 'b']) + `.${tag}${round.toString(36)}_${tag}0`;
      expect(id).toMatch(SAFE);
      expect(parseStreamId(id, ['a', 'b'])).toEqual({
        kind: 'places',
        places: [
          { tag, offset: round, over: false },
          { tag, offset: 0, over: true },
        ],
      });
    }
  });

  it.each(['a', 'b', 'a a', '0'])('is over for whichever events: %j', (eventguid) => {
    expect(parseStreamId('0', [eventguid])).toEqual({ kind: 'over' });
    expect(parseStreamId('0', [eventguid, 'another'])).toEqual({ kind: 'over' });
  });

  const list = idOf([1, 2]);
  it.each([
    ['of another list', list, ['event 0', 'event 2']],
    ['of the list in another order', list, ['event 1', 'event 0']],
    ['of a longer list', list, eventguids.slice(0, 3)],
    ['of several events', list, ['event 0']],
    ['of one event', placeText({ epoch: EPOCH, offset: 1 }, false), eventguids.slice(0, 2)],
    ['with an entry too few', list.slice(0, list.lastIndexOf('.')), eventguids.slice(0, 2)],
    ['that is cut off', list.slice(0, -1), eventguids.slice(0, 2)],
    ['with a tail', `${list}:`, eventguids.slice(0, 2)],
    ['that is endless', `${listPrefix(['a', 'b'])}${'.aaaa1'.repeat(3_000)}`, ['a', 'b']],
    ['of nobody', 'e:1', ['e']],
    ['with an offset that is no number', `1.${EPOCH}.01`, ['e']],
    ['with an offset beyond all numbers', `1.${EPOCH}.9999999999999999`, ['e']],
    ['with a line break', `1.${EPOCH}.1\n`, ['e']],
    ['of a form to come', '3.a.b.c', ['e']],
  ])('is understood by nobody: one %s', (_, text, events) => {
    expect(parseStreamId(text, events)).toEqual({ kind: 'foreign' });
  });
});
