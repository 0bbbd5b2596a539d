import { describe, expect, it } from '@jest/globals';
import { utf8 } from '@ringback/gateway-kit';
import { DeliveryHeads, NO_HEAD } from './delivery-heads.js';

const place = { epoch: 'Zk3x9', offset: 42, over: false };

describe('DeliveryHeads', () => {
  it.each([
    ['e', place],
    [utf8('dør 🔔'), { ...place, over: true }],
    ['gone', undefined],
    ['@@@@', place],
  ])('say again of %s what was written', (eventguid, its) => {
    const heads = new DeliveryHeads();
    const head = heads.write(eventguid, its);
    expect(heads.read(`${head}data: 1\n`)).toMatchObject({ eventguid, place: its, length: head.length });
  });

  it('say the same of a frame that has waited for very long', () => {
    const heads = new DeliveryHeads();
    const frames = Array.from({ length: 20_000 }, (_, offset) =>
      heads.write(`e${offset}`, { ...place, offset }),
    );
    for (const [offset, frame] of frames.entries())
      expect(heads.read(frame)).toMatchObject({
        eventguid: `e${offset}`,
        place: { offset },
        length: frame.length,
      });
  });

  it('say nothing of a frame without a place', () => {
    expect(new DeliveryHeads().read(`${NO_HEAD}event: ringback.presence\n`)).toBeUndefined();
  });
});
