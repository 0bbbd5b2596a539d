import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import type { SessionStore } from './ports/session-store.port.js';
import { endingCodec } from './testing/recording-connection.js';
import { deferred, replaced } from './testing/replaced.js';
import { StillCluster } from './testing/still-cluster.js';
import type { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const anyone = { name: 'anyone' };
const subscriber = 'n:anyone/s';
const HEARTBEAT_MS = 5_000;
const COALESCE_MS = 250;
const TOO_MANY = { code: 'too-many-subscriptions' };
const away = (): Promise<never> => Promise.reject(new HubError('relay-unavailable'));

describe('Hub, at the edges of a session', () => {
  let cluster: StillCluster;
  let a: TestHub;
  let b: TestHub;

  const held = async () => (await cluster.session())?.events.length;
  const begin = async (keptEnvelopes?: number): Promise<void> => {
    cluster = new StillCluster(keptEnvelopes);
    a = await cluster.start();
    b = await cluster.start();
  };

  const triggerEach = async (...all: readonly string[]): Promise<Position[]> => {
    const positions: Position[] = [];
    for (const data of all) {
      positions.push((await b.trigger('e', data, { removeAfterSend: data === 'cut' })).position);
    }
    return positions;
  };

  beforeEach(() => begin());

  describe('restore', () => {
    it('leaves the session of a connection away that has ended while it was made again', async () => {
      const gate = deferred();
      const calls: string[] = [];
      const restore: SessionStore['restore'] = async (...args) => {
        calls.push('restore');
        await gate.promise;
        return cluster.ports.sessions.restore(...args);
      };
      const leaving: SessionStore['leave'] = async (held) => {
        await cluster.ports.sessions.leave(held);
        calls.push('left');
      };
      const node = await cluster.start({
        sessions: replaced(cluster.ports.sessions, { restore, leave: leaving }),
      });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'c');
      await cluster.loseLease(node);
      await cluster.passing(HEARTBEAT_MS, () => calls.includes('restore'));
      node.disconnect(connection);
      await waitFor(() => calls.at(-1) === 'left');
      gate.resolve();
      await node.hub.drain(); // waits for what it makes again
      expect(await cluster.session()).toMatchObject({ events: [{ eventguid: guid }] });
      expect((await cluster.session())?.expiresAt).toBeDefined();
    });

    it('does not put again through an older connection what a newer one has ended', async () => {
      const restored = new Set<string>();
      const { subscriptions } = cluster.ports;
      const observed = replaced(subscriptions, {
        restore: async (all) => {
          await subscriptions.restore(all);
          for (const one of all) restored.add(one.subscriber);
        },
      });
      const node = await cluster.start({ subscriptions: observed });
      const mute = await cluster.start({
        peers: replaced(cluster.ports.peers, { tell: () => Promise.resolve() }),
      });
      const older = node.connectNamed();
      older.onClose = () => undefined; // its gateway waits for a socket that does not answer
      await node.subscribe(older, 'e', 'old');
      const plain = node.connect();
      await node.subscribe(plain, 'e', 'plain');
      const newer = mute.connectNamed();
      await waitFor(async () => (await cluster.holder()) === newer.connectionId);
      await mute.unsubscribe(newer, 'e');
      await cluster.loseLease(node);
      await cluster.passing(HEARTBEAT_MS, () => restored.size > 0);
      expect([...restored]).toEqual([`c:${plain.connectionId}`]);
      expect(older.closedWith).toBe('session-taken-over');
      expect(await cluster.holder()).toBe(newer.connectionId);
      expect(await cluster.ports.subscriptions.find(guid, subscriber)).toBeUndefined();
    });
  });

  describe('subscribe', () => {
    it('lets a session hold no more events than a connection may, however often it comes back', async () => {
      const node = await cluster.start({}, { subscriptionsPerConnection: 2 });
      const first = node.connectNamed();
      for (const name of ['x', 'y']) await node.subscribe(first, name, 'c');
      await cluster.leave(node, first);
      for (const name of ['e1', 'e2', 'e3']) {
        const connection = node.connectNamed('on-subscribe');
        await expect(node.subscribe(connection, name, 'c')).rejects.toMatchObject(TOO_MANY);
        await cluster.leave(node, connection);
      }
      expect(await held()).toBe(2);
      const back = node.connectNamed('on-subscribe');
      for (const name of ['y', 'x']) await node.subscribe(back, name, 'new');
      expect(node.hub.figures().subscriptions).toBe(2);
    });

    it('counts one-shots that nobody has acknowledged, until they are', async () => {
      const node = await cluster.start({}, { subscriptionsPerConnection: 2 });
      const connection = node.connectNamed();
      const cuts: Position[] = [];
      for (const [index, name] of ['x', 'y'].entries()) {
        await node.subscribe(connection, name, 'c');
        cuts.push(await node.cut(name));
        await cluster.frames(connection, index + 1);
      }
      await expect(node.subscribe(connection, 'z', 'c')).rejects.toMatchObject(TOO_MANY);
      expect(await held()).toBe(2);
      await node.acknowledge(connection, 'x', cuts[0]!);
      await cluster.passing(COALESCE_MS, async () => (await held()) === 1);
      await node.subscribe(connection, 'z', 'c');
      expect(await held()).toBe(2);
    });

    it('does not replay what was acknowledged just before it', async () => {
      const first = a.connectNamed();
      await a.subscribe(first, 'e', 'c');
      const [position] = await triggerEach('1', '2');
      await cluster.frames(first, 2);
      await cluster.leave(a, first);
      const back = a.connectNamed('on-subscribe');
      await a.acknowledge(back, 'e', position!);
      expect(await a.subscribe(back, 'e', 'c')).toMatchObject({ resumed: position });
      expect(await cluster.frames(back, 1)).toEqual(['2:2→c']);
    });
  });

  describe('connect', () => {
    it('keeps, on the same node, what the connection that it replaces has acknowledged a moment before', async () => {
      const older = a.connectNamed();
      await a.subscribe(older, 'e', 'c');
      const [position] = await triggerEach('1');
      await cluster.frames(older, 1);
      await a.acknowledge(older, 'e', position!);
      const newer = a.connectNamed();
      await waitFor(() => older.closedWith === 'session-taken-over');
      await triggerEach('2');
      expect(await cluster.frames(newer, 1)).toEqual(['2:2→c']);
    });

    it.each([
      ['', 2, ['5', '6', '7'], ['6:6!→c', '7:7→c']],
      [', up to a one-shot', 3, ['5', '6', 'cut', '8'], ['6:6!→c', '7:cut→c']],
    ])(
      'delivers what is kept where more was trimmed than was missed%s',
      async (_, kept, missed, expected) => {
        await begin(kept);
        await triggerEach('1', '2', '3', '4');
        const first = a.connectNamed();
        await a.subscribe(first, 'e', 'c');
        await cluster.leave(a, first);
        await triggerEach(...missed);
        expect(await cluster.frames(b.connectNamed(), 2)).toEqual(expected);
      },
    );

    it('leaves one thing to do for a subscriber, however often it comes while the store is away', async () => {
      let isAway = true;
      let asked = 0;
      const orAway = <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
        if (!isAway) asked++;
        return isAway ? away() : call();
      };
      const { sessions } = cluster.ports;
      const node = await cluster.start({
        sessions: replaced(sessions, {
          take: (claim) => orAway(() => sessions.take(claim)),
          find: (name) => orAway(() => sessions.find(name)),
          abandon: (claim) => orAway(() => sessions.abandon(claim)),
        }),
      });
      for (let attempt = 0; attempt < 30; attempt++) {
        const connection = node.connectNamed();
        await waitFor(() => connection.closedWith === 'session-acquire-failed');
      }
      isAway = false;
      await node.hub.drain(); // does what is left
      expect(asked).toBe(1);
    });
  });

  describe('acknowledge', () => {
    it('is refused for a position of an epoch in which nothing was delivered', async () => {
      const [before] = await triggerEach('before');
      cluster.restart();
      const connection = a.connectNamed();
      await a.subscribe(connection, 'e', 'c');
      const [position] = await triggerEach('1');
      await cluster.frames(connection, 1);
      expect(before!.epoch).not.toBe(position!.epoch);
      await expect(a.acknowledge(connection, 'e', before!)).rejects.toMatchObject({ code: 'bad-request' });
      await a.acknowledge(connection, 'e', position!);
    });
  });

  describe('removeSubscription', () => {
    it.each([
      ['with a one-shot that it has not acknowledged', ['1:cut→c', 'ended:e', '1:later→c']],
      ['without one', ['ended:e', '1:later→c']],
    ])('tells a named subscriber once, %s', async (_, expected) => {
      const connection = a.connect({ subscriberId: 's', resume: 'on-connect' }, anyone, endingCodec);
      await a.subscribe(connection, 'e', 'c');
      if (expected.includes('1:cut→c')) {
        await b.cut('e');
        await cluster.frames(connection, 1);
        await a.subscribe(connection, 'e', 'c');
      }
      await b.hub.operator.removeSubscription(anyone, guid, subscriber);
      await cluster.frames(connection, expected.indexOf('ended:e') + 1);
      await a.subscribe(connection, 'later', 'c');
      await b.trigger('later', 'later');
      expect(await cluster.frames(connection, expected.length)).toEqual(expected);
    });
  });
});
