import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { randomUUID } from 'node:crypto';
import {
  SUBSCRIBER_KINDS,
  TOPICS,
  TYPE,
  type Expected,
  type ProtocolSubscriber,
} from './scenarios/protocol-subscribers.js';
import { TRIGGER_KINDS } from './scenarios/protocol-triggers.js';
import { storedSubscribers, trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const WITHIN_MS = 15_000;

/** What JSON, lines and frames could stumble over. */
const DATA = 'paid "17"\n\u2028🔔 {}';

/** One event, every protocol: whoever triggers it, each subscriber has it in the shape of its own protocol. */
describe('subscribers of every protocol at three nodes', () => {
  let redis: RunningRedis;
  let world: World;
  let eventguid: string;
  let subscribers: ProtocolSubscriber[];

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({ redisUrl: redis.url, nodes: 3, env: { RINGBACK_FUBU_TOPICS: TOPICS } });
  });
  afterAll(async () => {
    await world.close();
    await redis.close();
  });
  beforeEach(async () => {
    eventguid = randomUUID();
    subscribers = [];
    for (const [index, { open }] of SUBSCRIBER_KINDS.entries())
      subscribers.push(await open(world.node(index).url, eventguid, cookieOf(index)));
  });
  afterEach(() => Promise.all(subscribers.map((subscriber) => subscriber.close())));

  const cookieOf = (index: number): string => `"cookie" ${index}`;

  const expectDelivered = async (common: Omit<Expected, 'eventguid' | 'cookie'>): Promise<void> => {
    for (const [index, { name, shape }] of SUBSCRIBER_KINDS.entries()) {
      const { received } = subscribers[index]!;
      await waitFor(() => received().length > 0, `the delivery to ${name}`, WITHIN_MS);
      expect([name, received()]).toEqual([name, [shape({ eventguid, cookie: cookieOf(index), ...common })]]);
    }
  };

  /** Where the next trigger stands, though not every protocol answers with it. */
  const positionAfter = async (): Promise<string> => {
    const { position } = await trigger(world.url, eventguid, { data: 'after' });
    const [epoch, offset] = position.split(':');
    return `${epoch}:${Number(offset) - 1}`;
  };

  it.each(TRIGGER_KINDS)('have what $name triggers, each with its own cookie', async (kind) => {
    const type = kind.hasType ? { type: TYPE } : {};
    const position = await kind.trigger(world.url, eventguid, DATA, type);
    const [first] = subscribers;
    await waitFor(() => first!.received().length > 0, 'the first delivery', WITHIN_MS);
    const [, , , meta] = first!.received()[0] as readonly [string, string, string, { position: string }];
    if (position !== undefined) expect(meta.position).toBe(position);
    await expectDelivered({ data: DATA, position: meta.position, ...type });
  });

  it.each(TRIGGER_KINDS.filter(({ hasOneShots = true }) => hasOneShots))(
    'are all ended by a one-shot that $name triggers, and by nothing else',
    async (kind) => {
      expect(await storedSubscribers(world.url, eventguid)).toBe(SUBSCRIBER_KINDS.length);
      await kind.trigger(world.url, eventguid, DATA, { removeAfterSend: true });
      expect(await storedSubscribers(world.url, eventguid)).toBe(0);
      const position = await positionAfter(); // which nobody hears
      await expectDelivered({ data: DATA, position, ended: true });
    },
  );
});
