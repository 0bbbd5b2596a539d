import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Envelope } from '@ringback/contract';
import { PreparedEnvelope } from './prepared-envelope.js';
import { RecentBudget, RecentEnvelopes } from './recent-envelopes.js';

const eventguid = parseEventGuid('e');

function envelope(offset: number, data = ''): Envelope {
  return { eventguid, position: { epoch: 'one', offset }, data, time: 0, oneShot: false };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe('RecentEnvelopes', () => {
  const budget = new RecentBudget(100_000_000);

  /** With a history of these offsets to read from, and the number of reads. */
  const kept = (history: readonly number[], using = budget) => {
    const recent = new RecentEnvelopes(using);
    let reads = 0;
    const read = (): Promise<readonly Envelope[]> => {
      reads++;
      return Promise.resolve(history.map((offset) => envelope(offset)));
    };
    const after = async (offset: number): Promise<number[] | undefined> =>
      (await recent.after(offset, read))?.map((one) => one.offset);
    const add = (...offsets: number[]): void => {
      for (const offset of offsets) recent.add(new PreparedEnvelope(envelope(offset)));
    };
    return { recent, after, add, reads: () => reads };
  };

  it('answers from what has come, without a read', async () => {
    const { after, add, reads } = kept([]);
    add(4, 5, 6);
    expect(await after(3)).toEqual([4, 5, 6]);
    expect(await after(5)).toEqual([6]);
    expect(await after(6)).toEqual([]);
    expect(reads()).toBe(0);
  });

  it('reads the history once for all who ask meanwhile and later', async () => {
    const { after, add, reads } = kept(range(1, 8));
    add(8, 9);
    const answers = await Promise.all([after(0), after(5), after(2)]);
    expect(answers).toEqual([range(1, 9), range(6, 9), range(3, 9)]);
    expect(await after(1)).toEqual(range(2, 9));
    expect(reads()).toBe(1);
  });

  it('encodes an envelope once, however many ask', async () => {
    const { recent, add } = kept([]);
    add(1);
    const read = (): Promise<readonly Envelope[]> => Promise.resolve([]);
    const [[one], [other]] = [(await recent.after(0, read))!, (await recent.after(0, read))!];
    expect(one).toBe(other);
  });

  it('does not answer what the history no longer has, nor across a hole', async () => {
    const short = kept([5, 6]);
    expect(await short.after(3)).toBeUndefined();
    const holed = kept([1, 2, 3]);
    holed.add(7);
    expect(await holed.after(2)).toBeUndefined();
  });

  it('begins anew where an offset is missing', async () => {
    const { after, add } = kept([]);
    add(1, 2, 5);
    expect(await after(4)).toEqual([5]);
    expect(await after(1)).toBeUndefined();
  });

  it('uses no read of the history that began before it was cleared', async () => {
    const { recent, add } = kept([]);
    const answers: ((history: readonly Envelope[]) => void)[] = [];
    const read = (): Promise<readonly Envelope[]> => new Promise((resolve) => void answers.push(resolve));
    const before = recent.after(0, read);
    recent.clear();
    const since = recent.after(0, read);
    answers[0]?.([envelope(1)]);
    expect(await before).toBeUndefined();
    add(3);
    answers[1]?.([envelope(1), envelope(2)]);
    expect((await since)?.map(({ offset }) => offset)).toEqual([1, 2, 3]);
  });

  it('keeps a thousand at most, and nothing when the node keeps too much already', async () => {
    const full = kept([]);
    full.add(...range(1, 1_200));
    expect(await full.after(200)).toEqual(range(201, 1_200));
    expect(await full.after(199)).toBeUndefined();

    const exhausted = new RecentBudget(0);
    const poor = kept([], exhausted);
    poor.add(1, 2);
    expect(await poor.after(0)).toBeUndefined();
    poor.recent.clear();
    expect(exhausted.exhausted).toBe(false);
  });
});
