import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { BackplanePair, type BackplaneNode } from './testing/backplane-pair.js';

let pair: BackplanePair;
afterEach(() => pair.close());

const two = async (...args: Parameters<typeof BackplanePair.start>): Promise<BackplanePair> => {
  pair = await BackplanePair.start(...args);
  return pair;
};

describe('RelayBackplane, when envelopes are lost', () => {
  it('reads what is missing before it goes on, each message once and in order', async () => {
    const { a, b } = await two();
    await a.says('1');
    await b.hears('1');
    await b.misses(a, '2', '3', '4');
    await Promise.all(['5', '6', '7'].map((text) => a.says(text)));
    await b.hears('1', '2', '3', '4', '5', '6', '7');
    expect([b.metrics.count('gap', 'true'), b.metrics.count('gap', 'false'), b.log.lines]).toEqual([
      1,
      0,
      [],
    ]);
  });

  it('reads the first messages of all, should they be missing', async () => {
    const { a, b } = await two();
    await b.misses(a, '1');
    await a.says('2');
    await b.hears('1', '2');
  });

  it.each([
    ['is in doubt', ({ relay }: BackplaneNode) => relay.doubt()],
    ['hears of a failover', ({ relay }: BackplaneNode) => relay.failOver()],
    ['has waited for half a minute', ({ timers }: BackplaneNode) => timers.pass(30_000)],
  ])('finds the last messages once it %s', async (_, happens) => {
    const { a, b } = await two();
    await b.misses(a, '1', '2');
    expect(b.heard).toEqual([]);
    happens(b);
    await b.hears('1', '2');
    expect(b.metrics.count('gap', 'true')).toBe(1);
  });

  it('asks again while the relay is away, and holds what comes meanwhile', async () => {
    const { a, b } = await two();
    await b.misses(a, '1');
    b.relay.failing = 2;
    for (const text of ['2', '3']) await a.says(text);
    for (const left of [1, 0]) {
      await waitFor(
        () => b.relay.failing === left && b.timers.pending === 2,
        `the pause before ${left} more`,
      );
      b.timers.pass(500);
    }
    await b.hears('1', '2', '3');
    expect(b.log.lines.map(({ message }) => message)).toEqual(['messages between nodes not read yet']);
  });

  it('goes on past what is kept no more, and says so', async () => {
    const { a, b } = await two({}, { envelopes: 2 });
    await b.misses(a, '1', '2', '3');
    await a.says('4');
    await a.says('5');
    await b.hears('4', '5');
    expect(b.metrics.count('gap', 'false')).toBe(1);
    expect(b.log.lines.map(({ message }) => message)).toEqual(['messages between nodes lost']);
  });

  it('goes past the last messages, too, if they are kept no more', async () => {
    const { a, b } = await two({}, { envelopes: 1 });
    await a.says('1');
    await b.hears('1');
    await b.misses(a, '2', '3', '4');
    b.relay.doubt();
    await waitFor(() => b.metrics.count('gap', 'false') === 1, 'the loss');
    await a.says('5');
    await b.hears('1', '5');
  });

  it('goes on in a new epoch: with nothing lost if the relay has kept it, and says so if not', async () => {
    const { a, b } = await two();
    await a.says('1');
    await b.hears('1');
    pair.cluster.restart({ keep: true });
    b.relay.failOver();
    await a.says('2');
    await b.hears('1', '2');
    expect([a, b].flatMap(({ log }) => log.lines)).toEqual([]);
    pair.cluster.restart({ keep: false });
    await a.says('3');
    await b.hears('1', '2', '3');
    expect(b.metrics.count('gap', 'false')).toBe(1);
  });

  it('compares its position once for all doubts that come together, and once more', async () => {
    const { b } = await two();
    const standings = b.relay.standings.bind(b.relay);
    let asked = 0;
    b.relay.standings = (eventguids) => {
      asked++;
      return standings(eventguids);
    };
    for (let doubt = 0; doubt < 5; doubt++) b.relay.doubt();
    await waitFor(() => asked === 2, 'the second comparison');
    b.relay.doubt();
    await waitFor(() => asked === 3, 'the comparison after a later doubt');
  });

  it('compares its position when nobody is reached by what it says, as it follows itself', async () => {
    const { a, b } = await two();
    await a.says('1');
    await b.hears('1');
    await b.misses(await pair.add('c'), '2');
    b.relay.losing = true;
    const publish = b.relay.publish.bind(b.relay);
    b.relay.publish = async (trigger) => ({ ...(await publish(trigger)), nodes: 0 });
    await b.says('3');
    await b.hears('1', '2');
  });
});
