import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { randomUUID } from 'node:crypto';
import { ORDER_CLIENTS, type OrderClient } from './scenarios/order-clients.js';
import { startOwnRedis, startRedisCluster, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const ROUNDS = 100;
/** Beyond what any of these clients takes for its rounds on a busy machine. */
const TIMEOUT_MS = 60_000;

type Pair = (client: OrderClient, round: number) => Promise<void>;

/** Runs the rounds of a pair, then one trigger more whose delivery proves that everything before it has come or never will. */
async function run(client: OrderClient, pair: Pair): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await pair(client, round);
  const marker = randomUUID();
  await client.subscribe(marker, 'marker');
  await client.trigger(marker, 'end');
  const hasEnded = (): boolean => client.deliveries.some(({ eventguid }) => eventguid === marker);
  await waitFor(hasEnded, 'the marker', TIMEOUT_MS);
}

function textsOf(client: OrderClient): string[] {
  return client.deliveries
    .filter(({ cookie }) => cookie !== 'marker')
    .map(({ cookie, data }) => `${cookie} ${data}`);
}

const expected = (text: (round: number) => string): string[] =>
  Array.from({ length: ROUNDS }, (_, round) => text(round));

const STORES: readonly (readonly [name: string, nodes: number, start?: () => Promise<RunningRedis>])[] = [
  ['memory', 1],
  ['one Redis', 1, startOwnRedis],
  ['one Redis', 3, startOwnRedis],
  ['a Redis Cluster', 1, startRedisCluster],
  ['a Redis Cluster', 3, startRedisCluster],
];

describe.each(STORES)('on %s, with %i nodes', (store, nodes, start) => {
  let redis: RunningRedis | undefined;
  let world: World;

  beforeAll(async () => {
    redis = await start?.();
    world = await World.start({ nodes, ...(redis && { redisUrl: redis.url }) });
  });
  afterAll(async () => {
    await world.close();
    await redis?.close();
  });

  describe.each(ORDER_CLIENTS)('a client of %s that does not wait', (_, connect) => {
    let client: OrderClient;

    beforeEach(async () => {
      client = await connect(world.url);
    });
    afterEach(() => client.close());

    it('is delivered the trigger behind its subscribe', async () => {
      await run(client, async (_client, round) => {
        const eventguid = randomUUID();
        await Promise.all([client.subscribe(eventguid, `c${round}`), client.trigger(eventguid, `d${round}`)]);
      });
      // Of several events: between masters the way back has no order.
      expect(textsOf(client).sort()).toEqual(expected((round) => `c${round} d${round}`).sort());
    });

    it('is delivered the trigger behind a change of its cookie with the new one', async () => {
      const eventguid = randomUUID();
      await client.subscribe(eventguid, 'before');
      await run(client, async (_client, round) => {
        await Promise.all([client.subscribe(eventguid, `c${round}`), client.trigger(eventguid, `d${round}`)]);
      });
      expect(textsOf(client)).toEqual(expected((round) => `c${round} d${round}`));
    });

    it('is not delivered the trigger behind its unsubscribe', async () => {
      await run(client, async () => {
        const eventguid = randomUUID();
        await client.subscribe(eventguid, 'cookie');
        await Promise.all([client.unsubscribe(eventguid), client.trigger(eventguid, 'late')]);
      });
      expect(textsOf(client)).toEqual([]);
    });

    it('is not delivered the trigger before its subscribe', async () => {
      await run(client, async () => {
        const eventguid = randomUUID();
        await Promise.all([client.trigger(eventguid, 'early'), client.subscribe(eventguid, 'cookie')]);
      });
      expect(textsOf(client)).toEqual([]);
    });

    it('is delivered triggers of one event in the order in which it sent them', async () => {
      const eventguid = randomUUID();
      await client.subscribe(eventguid, 'cookie');
      await run(client, async (_client, round) => {
        await Promise.all([
          client.trigger(eventguid, `d${2 * round}`),
          client.trigger(eventguid, `d${2 * round + 1}`),
        ]);
      });
      expect(textsOf(client)).toEqual(Array.from({ length: 2 * ROUNDS }, (_, at) => `cookie d${at}`));
    });

    it('has subscribed again when the trigger behind unsubscribe and subscribe comes', async () => {
      const eventguid = randomUUID();
      await client.subscribe(eventguid, 'before');
      await run(client, async (_client, round) => {
        await Promise.all([
          client.unsubscribe(eventguid),
          client.subscribe(eventguid, `c${round}`),
          client.trigger(eventguid, `d${round}`),
        ]);
      });
      expect(textsOf(client)).toEqual(expected((round) => `c${round} d${round}`));
    });

    if (store !== 'a Redis Cluster') {
      it('is delivered triggers of several events in the order in which it sent them', async () => {
        const eventguids = [randomUUID(), randomUUID(), randomUUID()];
        for (const eventguid of eventguids) await client.subscribe(eventguid, 'cookie');
        await run(client, async (_client, round) => {
          await Promise.all(
            eventguids.map((eventguid, at) => client.trigger(eventguid, `d${3 * round + at}`)),
          );
        });
        expect(textsOf(client)).toEqual(Array.from({ length: 3 * ROUNDS }, (_, at) => `cookie d${at}`));
      });
    }
  });
});
