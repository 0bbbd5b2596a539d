import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Envelope } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import { historyUpTo, readHistory } from './kept-history.js';

const eventguid = parseEventGuid('event');

function envelope(epoch: string, offset: number): Envelope {
  return { eventguid, position: { epoch, offset }, data: '', time: 0, oneShot: false };
}

describe('readHistory', () => {
  const { relay } = new MemoryCluster({ history: { envelopes: 5_000 } }).node();
  const offsets = (kept: readonly Envelope[]) => kept.map(({ position }) => position.offset);

  it('answers nothing of an event that nobody has used', async () => {
    expect(await readHistory(relay, parseEventGuid('unused'))).toEqual([]);
  });

  it('answers all that is kept, oldest first, however many pages that takes, and no more than is wanted', async () => {
    let position = { epoch: '', offset: 0 };
    for (let count = 0; count < 2_500; count++)
      ({ position } = await relay.publish({ eventguid, data: `${count}`, removeAfterSend: false }));
    const all = await readHistory(relay, eventguid);
    expect(offsets(all)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
    for (const offset of [0, 1, 999, 1_000, 1_001, 2_500])
      expect(await readHistory(relay, eventguid, { ...position, offset })).toEqual(all.slice(0, offset));
  });

  it('asks for no page behind the position', async () => {
    let pages = 0;
    const counting = {
      history: (...args: Parameters<typeof relay.history>) => {
        pages += 1;
        return relay.history(...args);
      },
    };
    await readHistory(counting, eventguid, { epoch: 'e', offset: 1_000 });
    expect(pages).toBe(1);
  });
});

describe('historyUpTo', () => {
  it('keeps what came before in epochs that were closed, and nothing of one that began after the position', () => {
    const kept = [envelope('a', 1), envelope('b', 2), envelope('b', 3), envelope('c', 4)];
    expect(historyUpTo(kept, { epoch: 'b', offset: 4 })).toEqual(kept.slice(0, 3));
    expect(historyUpTo(kept, { epoch: 'b', offset: 2 })).toEqual(kept.slice(0, 2));
    expect(historyUpTo([envelope('a', 1)], { epoch: 'b', offset: 1 })).toHaveLength(1);
  });
});
