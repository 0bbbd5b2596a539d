import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { subscriptions, trigger } from './support/http.js';
import { PersistentRedis, type Persistence } from './support/redis-persistence.js';
import { ReplicatedCluster } from './support/redis-replicated.js';
import { Witness } from './support/redis-witness.js';
import { World } from './support/world.js';

const closers: (() => Promise<unknown>)[] = [];

/** What a test has started is closed in reverse. */
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startWorld(redisUrl: string): Promise<World> {
  const world = await World.start({ redisUrl, nodes: 2, env: { RINGBACK_NODE_LEASE_MS: '3000' } });
  closers.push(() => world.close());
  return world;
}

async function isReady({ url }: { readonly url: string }): Promise<boolean> {
  return (await fetch(`${url}/health/ready`)).ok;
}

/** Waits until every node says of itself that it is ready. */
async function allReady({ nodes }: World): Promise<void> {
  const ready = async (): Promise<boolean> => (await Promise.all(nodes.map(isReady))).every(Boolean);
  await waitFor(ready, 'every node ready', 30_000);
}

async function noneReady({ nodes }: World): Promise<void> {
  const ready = async (): Promise<boolean> => (await Promise.all(nodes.map(isReady))).some(Boolean);
  await waitFor(async () => !(await ready()), 'no node ready', 10_000);
}

const epochOf = (position: string): string => position.split(':')[0] ?? '';
const offsetOf = (position: string): number => Number(position.split(':')[1]);

describe('one Redis server that loses its power', () => {
  const CASES: readonly (readonly [mode: Persistence, kept: number, what: string])[] = [
    ['always', 6, 'has all that was accepted'],
    ['everysec', 3, 'has what the last fsync wrote'],
    ['snapshot', 3, 'has what the last snapshot held'],
    ['none', 0, 'has nothing'],
  ];

  it.each(CASES)(
    'and keeps by %s: the first %i of 6 triggers; it %s, and who misses the rest is told',
    async (mode, kept) => {
      const redis = await PersistentRedis.start(mode);
      closers.push(() => redis.close());
      const world = await startWorld(redis.url);
      const [first, second] = [world.node(0).url, world.node(1).url];
      const staying = await world.client(first);
      const { position: start } = await staying.subscribe('e', 'staying');
      const send = async (name: string): Promise<string> =>
        (await trigger(second, 'e', { data: name, key: name })).position;
      const given: string[] = [];
      for (const name of ['1', '2', '3']) given.push(await send(name));
      await redis.reachDisk();
      for (const name of ['4', '5', '6']) given.push(await send(name));
      await staying.hears('e', 6);

      await redis.fail();
      await noneReady(world);
      const during = await fetch(`${second}/v1/events/e/trigger`, { method: 'POST' });
      expect(await during.json()).toMatchObject({ status: 503, code: 'relay-unavailable' });
      await redis.restart();
      await allReady(world);
      await waitFor(async () => (await subscriptions(second, 'e')).length === 1, 'put again', 10_000);

      for (const [index, position] of [start, ...given].entries()) {
        const returned = await world.client(second);
        const reply = await returned.call('SubscribeToEvent', 'e', 'returned', { after: position });
        const recovered = kept > 0 && index <= kept;
        expect(reply).toMatchObject({ recovered });
        const missed = recovered ? given.slice(index, kept) : [];
        expect((await returned.hears('e', missed.length)).map(({ meta }) => meta.position)).toEqual(missed);
        returned.close();
      }
      await waitFor(async () => (await subscriptions(second, 'e')).length === 1, 'only who stayed', 10_000);

      const again: string[] = [];
      for (const name of ['1', '2', '3', '4', '5', '6']) again.push(await send(name));
      expect(again.slice(0, kept)).toEqual(given.slice(0, kept));
      const anew = again.slice(kept);
      const last = await trigger(second, 'e', { data: 'last' });
      expect(last).toMatchObject({ subscribers: 1 });
      expect([...anew, last.position].map(offsetOf)).toEqual(
        Array.from({ length: 7 - kept }, (_, index) => kept + 1 + index),
      );
      const heard = (await staying.hears('e', 6 + anew.length + 1)).slice(6);
      expect(heard.map(({ meta }) => meta.position)).toEqual([...anew, last.position]);
      expect(heard.map(({ meta }) => meta.recovered)).toEqual(
        heard.map((_, index) => (kept < 6 && index === 0 ? false : undefined)),
      );
      const all = [...given, ...anew, last.position];
      expect(new Set(all).size).toBe(all.length);
    },
  );
});

describe('a Redis Cluster of three masters with a replica each', () => {
  const SUBSCRIBERS = 8;
  let cluster: ReplicatedCluster;

  beforeAll(async () => {
    cluster = await ReplicatedCluster.start();
  });
  afterAll(() => cluster.close());
  beforeEach(() => {
    closers.push(() => cluster.heal());
  });

  const startWitness = async (world: World, eventguids: readonly string[]): Promise<Witness> => {
    const witness = new Witness(world.url, eventguids);
    closers.push(async () => witness.close());
    for (let count = 0; count < SUBSCRIBERS; count++) await witness.subscribe();
    return witness;
  };

  /** Triggers each event once more, which every subscriber hears; then they have all, and are all counted, on every node. */
  const expectWhole = async (world: World, witness: Witness): Promise<void> => {
    await witness.triggerEach(1);
    await waitFor(() => witness.upToDate, 'the last deliveries', 10_000);
    expect(witness.refused).toEqual([]);
    expect(witness.complaints()).toEqual([]);
    for (const eventguid of witness.eventguids) {
      for (const { url } of world.nodes) {
        // What a failover has lost is put again as soon as a node gets to it.
        const isStored = async () => (await subscriptions(url, eventguid)).length === SUBSCRIBERS;
        await waitFor(isStored, `all subscriptions of ${eventguid} stored again`, 10_000);
        expect((await trigger(url, eventguid)).subscribers).toBe(SUBSCRIBERS);
      }
    }
  };

  it('loses a master under load: its replica takes over, and nothing is missing, doubled or untold', async () => {
    const eventguids = await cluster.eventsOfEachMaster(2);
    const master = await cluster.masterOf(eventguids[0]!);
    const replica = await cluster.replicaOf(master);
    const world = await startWorld(cluster.url);
    const witness = await startWitness(world, eventguids);
    await witness.begin(100);
    await waitFor(() => witness.accepted.length > 100, 'triggers before', 10_000);

    await master.kill();
    await noneReady(world);
    await cluster.serves(replica);
    await allReady(world);
    const before = witness.accepted.length;
    await waitFor(() => witness.accepted.length > before + 100, 'triggers after', 10_000);
    await witness.end();

    await expectWhole(world, witness);
    await master.restart();
    await cluster.follows(master, replica);
    await expectWhole(world, witness);
  });

  it('has a master that is taken over by a replica that lags: who saw more is told, and no position is given twice', async () => {
    const eventguids = await cluster.eventsOfEachMaster(1);
    const [rewound = '', ...others] = eventguids;
    const master = await cluster.masterOf(rewound);
    const replica = await cluster.replicaOf(master);
    const world = await startWorld(cluster.url);
    const { url } = world.node(0);
    const witness = await startWitness(world, eventguids);
    const after = async (position: string) => {
      const client = await world.client(url);
      const reply = await client.call('SubscribeToEvent', rewound, 'returned', { after: position });
      return { client, reply };
    };
    await witness.triggerEach(5);
    await cluster.follows(replica, master);
    await master.cutReplicas();
    await witness.triggerEach(5);
    await waitFor(() => witness.upToDate, 'all deliveries', 10_000);
    const given = witness.acceptedOf(rewound).map(({ position }) => position);

    await cluster.takeOver(replica, master);
    const seesReplica = async (): Promise<boolean> => (await cluster.masterOf(rewound)) === replica;
    await waitFor(seesReplica, 'the new master known', 10_000);
    await allReady(world);
    const putAgain = async (): Promise<boolean> => (await subscriptions(url, rewound)).length === SUBSCRIBERS;
    await waitFor(putAgain, 'put again', 10_000);

    const beyond = await after(given[7]!);
    expect(beyond.reply).toMatchObject({ ok: true, recovered: false });
    const early = await after(given[3]!);
    expect(early.reply).toMatchObject({ ok: true, recovered: true });
    expect((await early.client.hears(rewound, 1)).map(({ meta }) => meta.position)).toEqual([given[4]]);
    await witness.triggerEach(6);
    await waitFor(() => witness.upToDate, 'what came after', 10_000);
    const anew = witness
      .acceptedOf(rewound)
      .slice(10)
      .map(({ position }) => position);
    expect(anew.map(offsetOf)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(new Set(anew.map(epochOf)).size).toBe(1);
    expect(given.map(epochOf)).not.toContain(epochOf(anew[0]!));
    expect((await after(given[7]!)).reply).toMatchObject({ recovered: false });
    const within = await after(given[3]!);
    expect(within.reply).toMatchObject({ ok: true, recovered: true });
    expect((await within.client.hears(rewound, 7)).map(({ meta }) => meta.position)).toEqual([
      given[4],
      ...anew,
    ]);
    const resumed = (await early.client.hears(rewound, 7)).slice(1);
    expect(resumed.map(({ meta }) => meta.position)).toEqual(anew);
    expect(resumed.map(({ meta }) => meta.recovered)).toEqual(anew.map(() => undefined));

    expect(witness.fewestGaps(rewound)).toBe(1);
    expect(witness.gaps).toBe(SUBSCRIBERS);
    for (const eventguid of others) expect(witness.fewestGaps(eventguid)).toBe(0);
    world.closeClients();
    await waitFor(putAgain, 'only who stayed', 10_000);
    await expectWhole(world, witness);
  });

  it('fails over and back to the same process: a position of before the rewind is still not taken for one of after it', async () => {
    const [eventguid = ''] = await cluster.eventsOfEachMaster(1);
    const master = await cluster.masterOf(eventguid);
    const replica = await cluster.replicaOf(master);
    const world = await startWorld(cluster.url);
    const { url } = world.node(0);
    const send = async (): Promise<string> => (await trigger(url, eventguid)).position;
    const given = [await send(), await send()];
    await cluster.follows(replica, master);
    await master.cutReplicas();
    given.push(await send(), await send());

    await cluster.takeOver(replica, master);
    await master.admitReplicas();
    await cluster.takeOver(master, replica);
    await allReady(world);
    for (let count = 0; count < 3; count++) given.push(await send());

    const client = await world.client(url);
    const reply = await client.call('SubscribeToEvent', eventguid, 'c', { after: given[3] });
    expect(new Set(given).size).toBe(given.length);
    expect(reply).toMatchObject({ recovered: false });
  });
});
