import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { metric, storedSubscribers, trigger } from './support/http.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import type { TestClient } from './support/test-client.js';
import { waitUntil } from './support/wait-until.js';
import { World, type WorldNode } from './support/world.js';

const NAME = 'branch';
const CONNECTED = `{bridge="${NAME}"}`;

/** The numbers from one to another, as data. */
function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);
}

function dataOf(client: TestClient, eventguid: string): string[] {
  return client.of(eventguid).map(({ data }) => data);
}

/** How many envelopes of an event are in its history. */
async function kept(url: string, eventguid: string): Promise<number> {
  const answer = await fetch(`${url}/v1/events/${eventguid}`);
  return answer.ok ? ((await answer.json()) as { kept: number }).kept : 0;
}

describe('a cluster that is bridged to another one', () => {
  let redis: RunningRedis;
  let remote: World;
  let local: World;

  beforeAll(async () => {
    redis = await startRedis();
    remote = await World.start({ redisUrl: redis.url, nodes: 2 });
    const bridge = {
      name: NAME,
      kind: 'ringback',
      url: remote.url,
      subscribe: ['in', 'both', 'once'],
      subscribeOnDemand: ['order-*'],
      trigger: ['out', 'both'],
    };
    local = await World.start({
      redisUrl: redis.url,
      nodes: 2,
      env: { RINGBACK_BRIDGES: JSON.stringify([bridge]) },
    });
  });
  afterAll(async () => {
    await local.close();
    await remote.close();
    await redis.close();
  });
  // What a test has stopped runs again before the next one.
  beforeEach(async () => {
    const stopped = [...local.nodes, ...remote.nodes].filter(({ pid }) => pid === 0);
    await Promise.all(stopped.map((node) => node.start()));
    await waitUntil(async () => (await leaders()).length === 1, 'the bridge');
    for (const { url } of [remote, local]) {
      await waitUntil(async () => (await storedSubscribers(url, 'both').catch(() => 0)) === 1, 'the way');
    }
  });
  afterEach(() => {
    local.closeClients();
    remote.closeClients();
  });

  /** The local nodes that hold the connection. */
  const leaders = async (): Promise<WorldNode[]> => {
    const running = local.nodes.filter(({ pid }) => pid !== 0);
    const connected = await Promise.all(
      running.map(({ url }) => metric(url, 'ringback_bridge_connected', CONNECTED)),
    );
    return running.filter((_, index) => connected[index] === 1);
  };

  const leader = async (): Promise<WorldNode> => {
    const [node] = await leaders();
    if (!node) throw new Error('no node leads the bridge');
    return node;
  };

  const triggerEach = async (url: string, eventguid: string, data: readonly string[]): Promise<void> => {
    for (const text of data) await trigger(url, eventguid, { data: text });
  };

  it('gets what is triggered there, tells what is triggered here, and delivers each once where events go both ways', async () => {
    const here = await local.client();
    const there = await remote.client();
    await here.subscribe('in', 'c');
    await here.subscribe('both', 'c');
    await there.subscribe('out', 'c');
    await there.subscribe('both', 'c');
    await triggerEach(remote.url, 'in', texts(1, 20));
    await triggerEach(local.url, 'out', texts(1, 20));
    await triggerEach(remote.url, 'both', texts(1, 10));
    await triggerEach(local.url, 'both', texts(11, 20));
    await waitUntil(
      async () => dataOf(here, 'in').length >= 20 && dataOf(there, 'out').length >= 20,
      'one way',
    );
    await waitUntil(
      async () => dataOf(here, 'both').length >= 20 && dataOf(there, 'both').length >= 20,
      'both ways',
    );
    const cut = `{bridge="${NAME}",direction="in",result="loop"}`;
    const { url } = await leader();
    await waitUntil(
      async () => (await metric(url, 'ringback_bridge_messages_total', cut)) === 10,
      'what came round to be cut',
    );
    expect(dataOf(here, 'in')).toEqual(texts(1, 20));
    expect(dataOf(there, 'out')).toEqual(texts(1, 20));
    for (const client of [here, there]) {
      expect(dataOf(client, 'both').toSorted((a, b) => Number(a) - Number(b))).toEqual(texts(1, 20));
    }
  });

  it('misses nothing when the other cluster is restarted', async () => {
    const here = await local.client();
    await here.subscribe('in', 'c');
    await triggerEach(remote.url, 'in', texts(1, 5));
    await here.hears('in', 5);
    await Promise.all(remote.nodes.map((node) => node.stop('SIGKILL')));
    await waitUntil(async () => (await leaders()).length === 0, 'the loss');
    await triggerEach(local.url, 'out', texts(1, 5));
    // Triggered before the bridge is back: the node that is up first is not the one that the bridge was at.
    await remote.node(1).start();
    await triggerEach(remote.node(1).url, 'in', texts(6, 10));
    await trigger(remote.node(1).url, 'once', { data: '1', removeAfterSend: true });
    await triggerEach(remote.node(1).url, 'once', texts(2, 3));
    const there = await remote.client(remote.node(1).url);
    await there.subscribe('out', 'c');
    await remote.node(0).start();
    await waitUntil(async () => (await leaders()).length === 1, 'the bridge to be back');
    await triggerEach(remote.url, 'in', texts(11, 15));
    await waitUntil(async () => dataOf(here, 'in').length >= 15, 'what was missed');
    await waitUntil(async () => dataOf(there, 'out').length >= 5, 'what waited here');
    await waitUntil(async () => (await kept(local.url, 'once')) === 3, 'what followed a one-shot');
    expect(dataOf(here, 'in')).toEqual(texts(1, 15));
    expect(dataOf(there, 'out')).toEqual(texts(1, 5));
  });

  it('misses nothing when the node that holds the connection is killed: another one takes over', async () => {
    const victim = await leader();
    const survivor = local.nodes.find((node) => node !== victim) ?? victim;
    const here = await local.client(survivor.url);
    const there = await remote.client();
    await here.subscribe('in', 'c');
    await here.subscribe('order-7', 'c');
    await there.subscribe('out', 'c');
    await waitUntil(
      async () => (await storedSubscribers(remote.url, 'order-7').catch(() => 0)) === 1,
      'interest',
    );
    await triggerEach(remote.url, 'in', texts(1, 5));
    await here.hears('in', 5);
    await victim.stop('SIGKILL');
    await triggerEach(remote.url, 'in', texts(6, 10));
    await triggerEach(remote.url, 'order-7', texts(1, 3));
    await triggerEach(survivor.url, 'out', texts(1, 5));
    await waitUntil(async () => dataOf(here, 'in').length >= 10, 'what was missed');
    await waitUntil(async () => dataOf(here, 'order-7').length >= 3, 'what was of interest');
    await waitUntil(async () => dataOf(there, 'out').length >= 5, 'what waited here');
    expect(await leader()).toBe(survivor);
    expect(dataOf(here, 'in')).toEqual(texts(1, 10));
    expect(dataOf(here, 'order-7')).toEqual(texts(1, 3));
    expect(dataOf(there, 'out')).toEqual(texts(1, 5));
  });

  it('hands the connection on at once when the node that holds it stops', async () => {
    const first = await leader();
    const survivor = local.nodes.find((node) => node !== first) ?? first;
    const here = await local.client(survivor.url);
    await here.subscribe('in', 'c');
    await first.stop();
    await triggerEach(remote.url, 'in', texts(1, 5));
    await waitUntil(async () => dataOf(here, 'in').length >= 5, 'deliveries');
    expect(await leader()).toBe(survivor);
    expect(dataOf(here, 'in')).toEqual(texts(1, 5));
  });
});
