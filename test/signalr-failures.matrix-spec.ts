import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import {
  EVENT_HUB,
  EXTENDED_HUB,
  SignalRClients,
  WAYS,
  WITHIN_MS,
  type SignalRClient,
  type SignalRClientOptions,
} from './scenarios/signalr-client.js';
import { subscriptions, trigger } from './support/http.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { World, type WorldNode } from './support/world.js';

const TRIGGER_EVERY_MS = 20;
const LEASE_MS = 3_000;
/** The load balancer looks once a second, and sends nobody any more after two. */
const SHUTDOWN_DELAY_MS = 2_500;

type Way = Pick<SignalRClientOptions, 'transport' | 'protocol' | 'stateful'>;

const ALL_WAYS: readonly Way[] = [
  ...WAYS.map(([transport, protocol]) => ({ transport, protocol })),
  // Their connection ends all the same when its node is gone.
  { transport: 'WebSockets', protocol: 'json', stateful: true },
  { transport: 'WebSockets', protocol: 'messagepack', stateful: true },
];

/** One way of one of the hubs: a client that comes back, and subscribes again each time. */
interface Returning {
  readonly hub: string;
  readonly cookie: string;
  readonly client: SignalRClient;
}

describe('SignalR at three nodes behind a load balancer, when nodes end', () => {
  const clients = new SignalRClients();
  let redis: RestartableRedis;
  let world: World;
  let returning: Returning[];
  /** One for each test. */
  let eventguid: string;
  let events = 0;
  /** The data of what was triggered, in order. */
  let triggered: string[];

  const subscribe = async ({ hub, cookie, client }: Returning): Promise<void> => {
    const after = hub === EXTENDED_HUB ? client.positions(eventguid).at(-1) : undefined;
    await client.subscribe(eventguid, cookie, after === undefined ? undefined : { after });
  };

  const comeBy = async (hub: string, way: Way): Promise<Returning> => {
    const client = await clients.connect({ url: world.url, hub, reconnects: true, ...way });
    const one = { hub, cookie: `${hub} ${Object.values(way).join(' ')}`, client };
    // Who is cut off again before it has subscribed comes back once more.
    client.connection.onreconnected(() => void subscribe(one).catch(() => undefined));
    await subscribe(one);
    return one;
  };

  /** Triggers once at a node that runs and is not stopping. */
  const triggerOnce = async (): Promise<void> => {
    const { url } = world.nodes.find(({ pid }) => pid !== 0)!;
    const data = `${triggered.length}`;
    triggered.push(data);
    await trigger(url, eventguid, { data });
    await pause(TRIGGER_EVERY_MS);
  };

  /** Triggers until each has had something that was triggered from now on. */
  const ringAll = async (): Promise<void> => {
    const from = triggered.length;
    const lastOf = ({ client }: Returning): number => Number(client.data(eventguid).at(-1) ?? -1);
    await waitFor(
      async () => {
        await triggerOnce();
        return returning.every((one) => lastOf(one) >= from);
      },
      'a delivery to everybody',
      WITHIN_MS,
    );
  };

  const heldBy = async (nodeId: string): Promise<Returning[]> => {
    const held = (await subscriptions(world.url, eventguid)).filter((one) => one.nodeId === nodeId);
    const names = new Set(held.map(({ subscriberId }) => subscriberId));
    return returning.filter(({ client }) => names.has(`c:${client.connection.connectionId}`));
  };

  /** The node that holds the most of them. */
  const busiest = async (): Promise<WorldNode> => {
    const held = await Promise.all(world.nodes.map(async ({ nodeId }) => (await heldBy(nodeId)).length));
    return world.node(held.indexOf(Math.max(...held)));
  };

  /** What the clients of both hubs have had in the end: at the extended hub all, at the other what came while they were there. */
  const expectOrder = async (): Promise<void> => {
    const last = triggered.at(-1);
    const upToDate = (): boolean => returning.every(({ client }) => client.data(eventguid).at(-1) === last);
    await waitFor(upToDate, 'the last delivery to everybody', WITHIN_MS);
    for (const { hub, cookie, client } of returning) {
      const numbers = client.data(eventguid).map(Number);
      if (hub === EXTENDED_HUB) expect([cookie, numbers]).toEqual([cookie, triggered.map(Number)]);
      else expect([cookie, numbers]).toEqual([cookie, [...new Set(numbers)].toSorted((a, b) => a - b)]);
      for (const [, its] of client.of(eventguid)) expect(its).toBe(cookie);
    }
  };

  beforeAll(async () => {
    redis = await startOwnRedis();
    const env = {
      RINGBACK_NODE_LEASE_MS: String(LEASE_MS),
      RINGBACK_SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
    };
    world = await World.start({ redisUrl: redis.url, nodes: 3, env });
  });
  afterAll(async () => {
    await Promise.all(world.nodes.map((node) => node.stop('SIGKILL'))); // a drain would take its time
    await world.close();
    await redis.close();
  });
  beforeEach(async () => {
    triggered = [];
    eventguid = `event ${++events}`;
    returning = await Promise.all(
      [EVENT_HUB, EXTENDED_HUB].flatMap((hub) => ALL_WAYS.map((way) => comeBy(hub, way))),
    );
    await ringAll();
  });
  afterEach(() => clients.close());

  it('clients of every transport and protocol come back by themselves whichever node is killed, and recover at /hub', async () => {
    for (const node of world.nodes) {
      const lost = await heldBy(node.nodeId);
      const before = lost.map(({ client }) => client.reconnections);
      await node.stop('SIGKILL');
      await ringAll();
      for (const [index, { client }] of lost.entries())
        expect(client.reconnections).toBeGreaterThan(before[index]!);
      await node.start();
    }

    await ringAll();
    await expectOrder();
    expect(returning.every(({ client }) => client.reconnections > 0 && !client.closed)).toBe(true);
  });

  it('clients of a node that is stopped are told, and are at other nodes with nothing missed at /hub', async () => {
    const node = await busiest();
    const held = await heldBy(node.nodeId);

    const progress = { stopped: false };
    const stopping = node.stop('SIGTERM').finally(() => (progress.stopped = true));
    while (!progress.stopped) await triggerOnce();
    expect(await stopping).toBe(0);
    await ringAll();

    await expectOrder();
    for (const { hub, client } of held) {
      expect(client.reconnections).toBeGreaterThan(0);
      if (hub === EXTENDED_HUB)
        expect(client.closeReasons[0]).toMatchObject({ name: 'draining', code: 4002 });
    }
    expect(await heldBy(node.nodeId)).toEqual([]);
    await node.start();
  });
});
