import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { HubPorts } from './hub.js';
import type { SessionStore } from './ports/session-store.port.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const subscriber = 'n:anyone/s';
const HEARTBEAT_MS = 5_000;
const COMPARE_MS = 30_000;
const away = (): Promise<never> => Promise.reject(new HubError('relay-unavailable'));

describe('Hub, with the session of a named subscriber', () => {
  let cluster: MemoryCluster;
  let clock: FakeClock;
  let ports: ReturnType<MemoryCluster['node']>;
  let a: TestHub;
  let b: TestHub;

  const session = () => ports.sessions.find(subscriber);
  const holder = async () => (await session())?.holder?.connectionId;
  const isAway = async (): Promise<boolean> => (await session())?.expiresAt !== undefined;
  const stored = () => ports.subscriptions.find(guid, subscriber);

  /** Time passes on the nodes until the condition holds. */
  const passing = (stepMs: number, condition: () => unknown): Promise<unknown> =>
    waitFor(() => {
      clock.advance(stepMs);
      clock.turn();
      return condition();
    });

  /** Lets everything happen that is on its way. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) {
      clock.turn();
      await new Promise<void>((resume) => void setImmediate(resume));
    }
  };

  const nodeWith = async (more: Partial<HubPorts> = {}): Promise<TestHub> => {
    const node = new TestHub(cluster, { ports: { clock, ...more } });
    await node.hub.start();
    return node;
  };

  /** A node whose session store has some of its methods replaced. */
  const nodeWithSessions = (methods: Partial<SessionStore>): Promise<TestHub> =>
    nodeWith({ sessions: replaced(ports.sessions, methods) });

  /** Subscribed, with one envelope delivered and acknowledged. */
  const acknowledged = async (node: TestHub): Promise<[RecordingConnection, Position]> => {
    const connection = node.connectNamed();
    await node.subscribe(connection, 'e', 'c');
    const { position } = await node.trigger('e', '1');
    await passing(0, () => connection.frames.length === 1);
    await node.acknowledge(connection, 'e', position);
    await passing(250, async () => (await session())?.events[0]?.acknowledged);
    return [connection, position];
  };

  beforeEach(async () => {
    cluster = new MemoryCluster();
    clock = new FakeClock();
    ports = cluster.node();
    a = await nodeWith();
    b = await nodeWith();
  });

  describe('connect', () => {
    it('refuses a name that is none, and one that is not the identity’s own', () => {
      const connect = (subscriberId: string, identity: { name: string; subscriberId?: string }) => () =>
        a.connect({ subscriberId, resume: 'on-connect' }, identity);
      expect(connect('', { name: 'x' })).toThrow(expect.objectContaining({ code: 'bad-request' }));
      expect(connect('me', { name: 'x', subscriberId: 'other' })).toThrow(
        expect.objectContaining({ code: 'forbidden' }),
      );
      expect(a.hub.figures().connections).toBe(0);
    });

    it('makes the subscriber that the identity names, also without being asked', async () => {
      a.connect(undefined, { name: 'x', subscriberId: 'me' });
      await waitFor(() => ports.sessions.find('n:x/me'));
    });

    it('keeps the subscribers of different identities apart, whatever their names are', async () => {
      a.connect({ subscriberId: 'b/c', resume: 'on-connect' }, { name: 'a' });
      a.connect({ subscriberId: 'c', resume: 'on-connect' }, { name: 'a/b' });
      await waitFor(() => ports.sessions.find('n:a/b/c'));
      await waitFor(() => ports.sessions.find('n:a%2Fb/c'));
    });
  });

  describe('that another connection takes over', () => {
    it.each([
      ['on the same node', () => a],
      ['on another node', () => b],
    ])('%s closes the older one for good, whose end changes nothing', async (_, other) => {
      const older = a.connectNamed();
      await a.subscribe(older, 'e', 'c');
      const newer = other().connectNamed();
      await waitFor(() => older.closedWith === 'session-taken-over');
      await settle();
      expect(a.metrics.count('disconnected', 'session-taken-over')).toBe(1);
      expect(await holder()).toBe(newer.connectionId);
      expect(newer.closes).toEqual([]);
      await b.trigger('e', '1');
      await passing(0, () => newer.frames.length === 1);
      expect(older.frames).toEqual([]);
    });

    it('is found out by itself when nobody was told', async () => {
      const tell = () => Promise.reject(new HubError('relay-unavailable'));
      const mute = await nodeWith({ peers: replaced(ports.peers, { tell }) });
      const older = a.connectNamed();
      await a.subscribe(older, 'e', 'c');
      const newer = mute.connectNamed();
      await waitFor(() => mute.log.at('warn').length === 1);
      expect(older.closes).toEqual([]);
      clock.advance(COMPARE_MS);
      await waitFor(() => older.closedWith === 'session-taken-over');
      await settle();
      expect(await holder()).toBe(newer.connectionId);
      expect(newer.closes).toEqual([]);
    });

    it('may change nothing any more: what it acknowledges is refused, and it is closed', async () => {
      const mute = await nodeWith({ peers: replaced(ports.peers, { tell: () => Promise.resolve() }) });
      const older = a.connectNamed();
      await a.subscribe(older, 'e', 'c');
      const { position } = await a.trigger('e', '1');
      await passing(0, () => older.frames.length === 1);
      mute.connectNamed();
      await waitFor(async () => (await holder())?.startsWith(mute.hub.nodeId));
      await a.acknowledge(older, 'e', position);
      await passing(250, () => older.closedWith === 'session-taken-over');
      expect((await session())?.events).toEqual([{ eventguid: guid }]);
    });

    it('does not close itself where the store repeats what was asked', async () => {
      const node = await nodeWithSessions({
        take: async (claim) => {
          await ports.sessions.take(claim);
          return ports.sessions.take(claim);
        },
      });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'c');
      expect(connection.closes).toEqual([]);
    });
  });

  describe('that cannot be taken', () => {
    it('closes the connection, which may come back, rejects what waits, and leaves nothing', async () => {
      const node = await nodeWithSessions({ take: away });
      const connection = node.connectNamed();
      const results = await Promise.allSettled([
        node.subscribe(connection, 'e', 'c'),
        node.unsubscribe(connection, 'e'),
        node.acknowledge(connection, 'e', { epoch: 'x', offset: 1 }),
      ]);
      for (const result of results) expect(result).toMatchObject({ reason: { code: 'relay-unavailable' } });
      expect(connection.closedWith).toBe('session-acquire-failed');
      expect(node.hub.figures()).toMatchObject({ connections: 0, subscriptions: 0, events: 0 });
      expect(await session()).toBeUndefined();
      await node.hub.drain();
      expect(await ports.leases.node(node.hub.nodeId)).toBeUndefined();
    });

    it('because the cluster keeps as many as it may says so', async () => {
      cluster = new MemoryCluster({ sessionsAway: 1 });
      ports = cluster.node();
      const node = await nodeWith();
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'c');
      node.disconnect(connection);
      await waitFor(isAway);
      const other = node.connectNamed('on-connect', 'other');
      await expect(node.subscribe(other, 'e', 'c')).rejects.toMatchObject({ code: 'offline-session-limit' });
      expect(other.closedWith).toBe('offline-session-limit');
      const back = node.connectNamed();
      await node.subscribe(back, 'e', 'c');
      expect(back.closes).toEqual([]);
    });

    it('but was, without an answer, is away once its connection has ended', async () => {
      const node = await nodeWithSessions({
        take: async (claim) => {
          await ports.sessions.take(claim);
          return away();
        },
      });
      await a.subscribe(a.connectNamed(), 'e', 'c');
      const connection = node.connectNamed();
      await waitFor(() => connection.closedWith === 'session-acquire-failed');
      node.disconnect(connection);
      await waitFor(isAway);
    });
  });

  it('is left away when the connection ends while it is being taken', async () => {
    await a.subscribe(a.connectNamed(), 'e', 'c');
    const gate = deferred();
    const node = await nodeWithSessions({
      take: async (claim) => {
        await gate.promise;
        return ports.sessions.take(claim);
      },
    });
    const connection = node.connectNamed();
    const subscribing = node.subscribe(connection, 'e', 'new');
    node.disconnect(connection);
    gate.resolve();
    await expect(subscribing).rejects.toMatchObject({ code: 'closed' });
    await waitFor(isAway);
    expect(await stored()).toMatchObject({ cookie: 'c' });
    expect(node.hub.figures()).toMatchObject({ subscriptions: 0, events: 0 });
  });

  it('is left as soon as the store can be reached, with what was acknowledged', async () => {
    let down = false;
    const node = await nodeWithSessions({
      acknowledge: (...args) => (down ? away() : ports.sessions.acknowledge(...args)),
      leave: (...args) => (down ? away() : ports.sessions.leave(...args)),
    });
    const [connection] = await acknowledged(node);
    const { position } = await node.trigger('e', '2');
    await passing(0, () => connection.frames.length === 2);
    await node.acknowledge(connection, 'e', position);
    down = true;
    node.disconnect(connection);
    await waitFor(() => node.log.at('warn').length > 0);
    expect(await isAway()).toBe(false);
    down = false;
    await passing(HEARTBEAT_MS, isAway);
    expect((await session())?.events).toEqual([{ eventguid: guid, acknowledged: position }]);
  });

  it('ends, with all that it holds, when nobody comes back for its time to live', async () => {
    cluster = new MemoryCluster({ clock, sessionTtlMs: 60_000 });
    ports = cluster.node();
    const node = await nodeWith();
    const connection = node.connectNamed();
    await node.subscribe(connection, 'e', 'c');
    node.disconnect(connection);
    await waitFor(isAway);
    await passing(HEARTBEAT_MS, async () => (await session()) === undefined);
    expect(await stored()).toBeUndefined();
    expect(node.log.at('info')).toMatchObject([{ fields: { sessions: 1 } }]);
  });

  describe('after a loss', () => {
    it('of the store is made again with its generation and what was acknowledged, and so are its subscriptions', async () => {
      a.connectNamed(); // so that the next generation is not the first
      await waitFor(holder);
      const [connection, position] = await acknowledged(b);
      cluster.restart({ keep: false });
      expect(await session()).toBeUndefined();
      await passing(HEARTBEAT_MS, async () => (await session()) && (await stored()));
      expect(await session()).toMatchObject({
        holder: { connectionId: connection.connectionId },
        events: [{ eventguid: guid, acknowledged: position }],
      });
      expect(connection.closes).toEqual([]);
      expect(await ports.sessions.held([{ subscriber, generation: 2 }])).toEqual([true]);
    });

    it('of the store keeps the connection, although the store does not know it at first', async () => {
      const node = await nodeWith({
        subscriptions: replaced(ports.subscriptions, { restore: away }),
        sessions: replaced(ports.sessions, {}),
      });
      const [connection] = await acknowledged(node);
      const { position } = await node.trigger('e', '2');
      await passing(0, () => connection.frames.length === 2);
      await node.acknowledge(connection, 'e', position);
      cluster.restart({ keep: false });
      clock.advance(250);
      await waitFor(holder);
      cluster.restart({ keep: false });
      clock.advance(COMPARE_MS);
      await waitFor(holder);
      await settle();
      expect(connection.closes).toEqual([]);
      expect(await session()).toMatchObject({ holder: { connectionId: connection.connectionId } });
    });

    it('of the lease is held again, although it was swept away meanwhile', async () => {
      const [connection] = await acknowledged(a);
      cluster.expireLease((await ports.leases.node(a.hub.nodeId))!);
      await ports.leases.sweep();
      expect(await isAway()).toBe(true);
      await passing(COMPARE_MS, async () => (await holder()) === connection.connectionId);
      await settle();
      expect(connection.closes).toEqual([]);
    });

    it('of the lease is not taken back from who has taken it meanwhile', async () => {
      const tell = () => Promise.resolve();
      const mute = await nodeWith({ peers: replaced(ports.peers, { tell }) });
      const [older] = await acknowledged(a);
      const newer = mute.connectNamed();
      await waitFor(async () => (await holder()) === newer.connectionId);
      cluster.expireLease((await ports.leases.node(a.hub.nodeId))!);
      await passing(HEARTBEAT_MS, () => older.closedWith === 'session-taken-over');
      await settle();
      expect(await holder()).toBe(newer.connectionId);
    });

    it('of the store belongs to who came back first; the end of the other changes nothing', async () => {
      const tell = () => Promise.resolve();
      const mute = await nodeWith({ peers: replaced(ports.peers, { tell }) });
      let left = 0;
      const node = await nodeWithSessions({
        leave: (...args) => {
          left++; // both count from 1: the store cannot tell them apart
          return ports.sessions.leave(...args);
        },
      });
      const [older] = await acknowledged(node);
      cluster.restart({ keep: false });
      const newer = mute.connectNamed();
      await mute.subscribe(newer, 'e', 'new');
      await passing(HEARTBEAT_MS, () => older.closedWith === 'session-taken-over');
      await node.hub.drain();
      expect(left).toBe(0);
      expect(await holder()).toBe(newer.connectionId);
      expect(await stored()).toMatchObject({ cookie: 'new' });
    });

    it('leaves out a generation that a cut has ended', async () => {
      const { relay } = cluster.node();
      const held = deferred();
      const listen: typeof relay.listen = (listener) =>
        relay.listen(
          replaced(listener, { onEnvelope: (one) => void held.promise.then(() => listener.onEnvelope(one)) }),
        );
      const node = await nodeWith({ relay: replaced(relay, { listen }) });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'old');
      await b.cut('e');
      await node.subscribe(connection, 'e', 'new');
      cluster.restart({ keep: false });
      await passing(HEARTBEAT_MS, stored);
      await settle();
      expect(await stored()).toMatchObject({ cookie: 'new' });
      held.resolve();
      await passing(0, () => connection.frames.length === 1);
      expect(connection.frames).toEqual(['1:cut→old']);
    });

    it('does not make the session of a connection again that has ended meanwhile', async () => {
      const gate = deferred();
      let isLost = false;
      const node = await nodeWithSessions({
        held: async (sessions) => {
          if (!isLost) return ports.sessions.held(sessions);
          await gate.promise;
          return sessions.map(() => false);
        },
      });
      const [connection] = await acknowledged(node);
      isLost = true;
      clock.advance(COMPARE_MS);
      await settle();
      node.disconnect(connection);
      await waitFor(isAway);
      gate.resolve();
      await settle();
      expect(await isAway()).toBe(true);
    });
  });

  it('is away, with what was acknowledged, when a drain has closed its connection', async () => {
    const [connection] = await acknowledged(a);
    const { position } = await a.trigger('e', '2');
    await passing(0, () => connection.frames.length === 2);
    await a.acknowledge(connection, 'e', position);
    await a.hub.drain();
    expect(connection.closedWith).toBe('draining');
    expect(await session()).toMatchObject({ events: [{ acknowledged: position }] });
    expect(await isAway()).toBe(true);
    expect(await ports.leases.node(a.hub.nodeId)).toBeUndefined();
  });
});
