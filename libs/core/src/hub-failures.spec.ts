import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { Codec } from './ports/codec.port.js';
import type { LeaseStore } from './ports/lease-store.port.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const first = { limit: 100 };
const away = (): Promise<never> => Promise.reject(new HubError('relay-unavailable'));

describe('Hub, when the store fails', () => {
  let cluster: MemoryCluster;
  let store: SubscriptionStore;
  let clock: FakeClock;

  const stored = async (): Promise<string[]> =>
    (await cluster.node().subscriptions.subscriptions(guid, first)).items.map(({ cookie }) => cookie);

  const nodeWith = async (methods: Partial<SubscriptionStore>, leases?: LeaseStore): Promise<TestHub> => {
    const ports = { clock, subscriptions: replaced(store, methods), ...(leases && { leases }) };
    const node = new TestHub(cluster, { ports });
    await node.hub.start();
    return node;
  };

  const heartbeatsUntil = (condition: () => boolean | Promise<boolean>): Promise<boolean> =>
    waitFor(() => {
      clock.advance(5_000);
      return condition();
    });

  beforeEach(() => {
    cluster = new MemoryCluster();
    store = cluster.node().subscriptions;
    clock = new FakeClock();
  });

  it('removes what was stored although nobody was told so, also when its client is gone meanwhile', async () => {
    let down = true;
    const node = await nodeWith({
      put: async (subscription) => {
        await store.put(subscription);
        return away();
      },
      remove: (...args) => (down ? away() : store.remove(...args)),
      removeSubscriber: (...args) => (down ? away() : store.removeSubscriber(...args)),
    });
    const connection = node.connect();
    await expect(node.subscribe(connection, 'e', 'ghost')).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
    node.hub.disconnect(connection.connectionId);
    await waitFor(() => node.log.at('warn').length > 0);
    expect(await stored()).toEqual(['ghost']);

    down = false;
    await heartbeatsUntil(async () => (await stored()).length === 0);
  });

  it('tells the store of everybody who leaves, also of who holds nothing any more', async () => {
    const gone: string[] = [];
    const node = await nodeWith({
      removeSubscriber: async (...args) => {
        await store.removeSubscriber(...args);
        gone.push(args[0]);
      },
    });
    const [one, two] = [node.connect(), node.connect()];
    await node.subscribe(one, 'e', 'c');
    await node.hub.unsubscribe(one.connectionId, guid);
    for (const { connectionId } of [one, two]) node.hub.disconnect(connectionId);
    await waitFor(() => gone.length > 0);
    expect(gone).toEqual([`c:${one.connectionId}`]);
  });

  it('puts everything again, as often as it takes, after the store lost it', async () => {
    let failures = 2;
    const node = await nodeWith({
      restore: (subscriptions) => (failures-- > 0 ? away() : store.restore(subscriptions)),
    });
    await node.subscribe(node.connect(), 'e', 'one');
    await node.subscribe(node.connect(), 'e', 'two');
    cluster.restart({ keep: false });
    await heartbeatsUntil(async () => (await stored()).length === 2);
    expect((await stored()).toSorted()).toEqual(['one', 'two']);
  });

  it('puts a subscription again whose end was carried out, but whose client was told that it failed', async () => {
    const node = await nodeWith({
      remove: async (...args) => {
        await store.remove(...args);
        return away();
      },
    });
    const connection = node.connect();
    await node.subscribe(connection, 'e', 'c');
    await expect(node.hub.unsubscribe(connection.connectionId, guid)).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
    await waitFor(async () => (await stored()).length === 1);
    expect(await stored()).toEqual(['c']);
  });

  it('does not bring back what was ended while it was being put again', async () => {
    const node = await nodeWith({});
    const connection = node.connect();
    await node.subscribe(connection, 'e', 'c');
    await node.subscribe(connection, 'other', 'c');
    cluster.restart({ keep: false });
    const ending = node.hub.unsubscribe(connection.connectionId, guid);
    clock.advance(5_000);
    await ending;
    await heartbeatsUntil(
      async () => (await store.find(parseEventGuid('other'), `c:${connection.connectionId}`)) !== undefined,
    );
    expect(await stored()).toEqual([]);
  });

  it('keeps its own lease while a sweep takes long', async () => {
    const { leases } = cluster.node();
    const node = await nodeWith({}, replaced(leases, { sweep: () => new Promise<number>(() => undefined) }));
    for (let beat = 0; beat < 10; beat++) {
      clock.advance(5_000);
      await Promise.resolve();
    }
    await heartbeatsUntil(async () => (await leases.node(node.hub.nodeId)) !== undefined);
    expect(node.log.at('warn')).toEqual([]);
  });

  it('leaves what a drain could not remove to be swept by the living', async () => {
    const { leases } = cluster.node();
    const node = await nodeWith({ removeSubscriber: away });
    await node.subscribe(node.connect(), 'e', 'c');
    await node.hub.drain();
    const lease = await leases.node(node.hub.nodeId);
    expect(lease).toBeDefined();
    cluster.expireLease(lease!);
    expect(await leases.sweep()).toBe(1);
    expect(await stored()).toEqual([]);
  });

  it('goes on when a codec fails for what is delivered late', async () => {
    const node = await nodeWith({});
    const failing: Codec = {
      name: 'failing',
      encodeCookie: (cookie) => cookie,
      prepare: ({ data }) => {
        if (data === 'bad') throw new Error('not this one');
        return () => String(data);
      },
    };
    const { position } = await node.trigger('e', 'before');
    for (const data of ['one', 'bad', 'two']) await node.trigger('e', data);
    const connection = node.connect(undefined, { name: 'anyone' }, failing);
    await node.subscribe(connection, 'e', 'c', position);
    await waitFor(() => {
      clock.turn();
      return connection.frames.length === 2;
    });
    expect(connection.frames).toEqual(['one', 'two']);
    expect(node.log.at('error')).toHaveLength(1);
  });
});

describe('Hub, when it replays much', () => {
  let node: TestHub;
  let cluster: MemoryCluster;

  beforeEach(() => {
    cluster = new MemoryCluster();
    node = new TestHub(cluster);
  });

  /** A transport that holds what it is sent until the test drains it. */
  const connectSlowly = (): { connection: RecordingConnection; drain: () => void } => {
    const connection = node.connect();
    const send = connection.send.bind(connection);
    connection.send = (frames) => {
      send(frames);
      for (const frame of frames) connection.bufferedBytes += frame.length;
    };
    return { connection, drain: () => (connection.bufferedBytes = 0) };
  };

  const kept = async (count: number, bytes: number) => {
    const gone = node.connect();
    const { position } = await node.subscribe(gone, 'e', 'c');
    node.hub.disconnect(gone.connectionId);
    for (let index = 0; index < count; index++) await node.trigger('e', 'd'.repeat(bytes));
    return position;
  };

  it('goes only as fast as the connection takes it, and ends with what is live, in order', async () => {
    const position = await kept(900, 1_000);
    const { connection, drain } = connectSlowly();
    expect(await node.subscribe(connection, 'e', 'k'.repeat(4_000), position)).toMatchObject({
      recovered: true,
    });
    await node.trigger('e', 'live');
    await waitFor(() => {
      drain();
      return connection.frames.length === 901;
    });
    expect(connection.closes).toEqual([]);
    expect(connection.frames.map((frame) => Number(frame.split(':')[0]))).toEqual(
      Array.from({ length: 901 }, (_, index) => index + 1),
    );
  });

  it('goes no further at a time where envelopes are long', async () => {
    const position = await kept(17, 60_000);
    const { connection, drain } = connectSlowly();
    await node.subscribe(connection, 'e', 'k'.repeat(4_000), position);
    await waitFor(() => connection.frames.length > 0);
    expect(connection.bufferedBytes).toBeLessThan(512 * 1024);
    await waitFor(() => {
      drain();
      return connection.frames.length === 17;
    });
    expect(connection.closes).toEqual([]);
  });

  it('delivers nothing before subscribe has resolved', async () => {
    const position = await kept(10, 20_000);
    const connection = node.connect();
    let framesAtReply = -1;
    await node
      .subscribe(connection, 'e', 'c', position)
      .then(() => (framesAtReply = connection.frames.length));
    expect(framesAtReply).toBe(0);
    await waitFor(() => connection.frames.length === 10);
  });

  it('changes the cookie only for what comes after the change, while it still replays', async () => {
    const position = await kept(200, 4_000);
    const { connection, drain } = connectSlowly();
    await node.subscribe(connection, 'e', 'old', position);
    await waitFor(() => connection.frames.length > 0);
    await node.subscribe(connection, 'e', 'new');
    await node.trigger('e', 'live');
    await waitFor(() => {
      drain();
      return connection.frames.length === 201;
    });
    const cookies = connection.frames.map((frame) => frame.split('→')[1]);
    expect(new Set(cookies.slice(0, 200))).toEqual(new Set(['old']));
    expect(cookies[200]).toBe('new');
  });

  it('stops when the subscriber unsubscribes', async () => {
    const position = await kept(200, 4_000);
    const { connection, drain } = connectSlowly();
    await node.subscribe(connection, 'e', 'c', position);
    await waitFor(() => connection.frames.length > 0);
    await node.hub.unsubscribe(connection.connectionId, guid);
    const before = connection.frames.length;
    drain();
    await node.trigger('e');
    await node.subscribe(connection, 'e', 'again');
    await node.trigger('e', 'now');
    await waitFor(() => connection.frames.length > before);
    expect(connection.frames.slice(before)).toEqual(['202:now→again']);
  });

  it('looks whether there is room once at a time, however often the cookie is changed meanwhile', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const after: FakeClock['after'] = (delayMs, task) => {
      looks++;
      return clock.after(delayMs, task);
    };
    const position = await kept(10, 10);
    node = new TestHub(cluster, { ports: { clock: replaced(clock, { after }) } });
    const { connection, drain } = connectSlowly();
    connection.bufferedBytes = 500_000;
    await node.subscribe(connection, 'e', 'c', position);
    for (let change = 0; change < 20; change++) {
      await node.subscribe(connection, 'e', `c${change}`);
      clock.turn();
    }
    looks = 0;
    clock.advance(5);
    expect(looks).toBe(1);
    drain();
    clock.advance(5);
    clock.turn();
    expect(connection.frames).toHaveLength(10);
  });

  it('reads the history once for a thousand who come back at once', async () => {
    const { relay } = cluster.node();
    let reads = 0;
    const counting = replaced(relay, {
      history: (...args) => {
        reads++;
        return relay.history(...args);
      },
      since: (...args) => {
        reads++;
        return relay.since(...args);
      },
    });
    const position = await kept(20, 10);
    const other = new TestHub(cluster, { ports: { relay: counting } });
    const connections = Array.from({ length: 1_000 }, () => other.connect());
    await Promise.all(connections.map((connection) => other.subscribe(connection, 'e', 'c', position)));
    await waitFor(() => connections.every(({ frames }) => frames.length === 20));
    expect(reads).toBe(1);
  });
});
