import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError, parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import type { RecordingConnection } from './testing/recording-connection.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const anyone = { name: 'anyone' };
const subscriber = 'n:anyone/s';

/** Waits until so many frames have come, and as long as nothing more can be on its way. */
async function framesOf(connection: RecordingConnection, count: number): Promise<readonly string[]> {
  await waitFor(() => connection.frames.length >= count, `${count} frames`);
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resume) => void setImmediate(resume));
  return connection.frames;
}

describe('Hub, for a named subscriber', () => {
  let cluster: MemoryCluster;
  let a: TestHub;
  let b: TestHub;

  const session = () => cluster.node().sessions.find(subscriber);
  const isAway = async (): Promise<boolean> => (await session())?.expiresAt !== undefined;
  const stored = () => cluster.node().subscriptions.find(guid, subscriber);
  const pending = async () => {
    const { subscriptions } = cluster.node();
    const { subscriptions: all } = await subscriptions.resume(
      guid,
      subscriber,
      { nodeId: 'x', generation: 'x' },
      undefined,
    );
    return all.length;
  };

  /** Subscribes with the cookie `c` on node a, and goes away. */
  const subscribeAndLeave = async (cookie = 'c'): Promise<Position> => {
    const connection = a.connectNamed();
    const { position } = await a.subscribe(connection, 'e', cookie);
    a.disconnect(connection);
    await waitFor(isAway, 'the session away');
    return position;
  };

  const acknowledgeAndLeave = async (node: TestHub, connection: RecordingConnection, position: Position) => {
    await node.acknowledge(connection, 'e', position);
    node.disconnect(connection);
    await waitFor(async () => (await isAway()) || !(await session()), 'the end of the connection');
  };

  beforeEach(() => {
    cluster = new MemoryCluster();
    a = new TestHub(cluster);
    b = new TestHub(cluster);
  });

  describe('who was away', () => {
    it('gets on another node exactly what was triggered meanwhile, before what is live', async () => {
      await subscribeAndLeave();
      for (const data of ['1', '2', '3']) await a.trigger('e', data);
      const back = b.connectNamed();
      await waitFor(() => back.frames.length > 0);
      await a.trigger('e', 'live');
      expect(await framesOf(back, 4)).toEqual(['1:1→c', '2:2→c', '3:3→c', '4:live→c']);
    });

    it('gets all before the one-shot where the relay has not brought it to its node yet', async () => {
      const late: (() => void)[] = [];
      let isLate = false;
      const { relay } = cluster.node();
      const node = new TestHub(cluster, {
        ports: {
          relay: replaced(relay, {
            listen: (listener) =>
              relay.listen(
                replaced(listener, {
                  onEnvelope: (one) =>
                    void (isLate ? late.push(() => listener.onEnvelope(one)) : listener.onEnvelope(one)),
                }),
              ),
          }),
        },
      });
      await node.subscribe(node.connect(), 'e', 'other'); // so that the node knows what came before
      await subscribeAndLeave();
      await a.trigger('e', '1');
      await waitFor(() => node.hub.figures().events === 1);
      for (let turn = 0; turn < 3; turn++) await new Promise<void>((resume) => void setImmediate(resume));
      isLate = true;
      await a.trigger('e', '2');
      await a.trigger('e', 'last', { removeAfterSend: true });
      const back = node.connectNamed();
      await waitFor(() => back.frames.length >= 2);
      for (const bring of late) bring();
      expect(await framesOf(back, 3)).toEqual(['1:1→c', '2:2→c', '3:last→c']);
    });

    it('gets nothing before it subscribes where it resumes on subscribe, and is told from where', async () => {
      await subscribeAndLeave();
      await a.trigger('e', '1');
      const back = b.connectNamed('on-subscribe');
      await a.trigger('e', '2');
      expect(await framesOf(back, 0)).toEqual([]);
      expect(await b.subscribe(back, 'e', 'new')).toMatchObject({
        position: { offset: 2 },
        resumed: { offset: 0 },
        recovered: true,
      });
      await a.trigger('e', 'live');
      expect(await framesOf(back, 3)).toEqual(['1:1→c', '2:2→c', '3:live→new']);
    });

    it('goes on after the position that it tells, where it tells one', async () => {
      await subscribeAndLeave();
      await a.trigger('e', '1');
      const { position: after } = await a.trigger('e', '2');
      await a.trigger('e', '3');
      const back = b.connectNamed('on-subscribe');
      expect(await b.subscribe(back, 'e', 'c', after)).toMatchObject({ resumed: { offset: 2 } });
      expect(await framesOf(back, 1)).toEqual(['3:3→c']);
    });

    it('gets nothing twice on one connection, however often it subscribes again', async () => {
      await subscribeAndLeave();
      const { position: first } = await a.trigger('e', '1');
      const back = b.connectNamed();
      await Promise.all([
        b.subscribe(back, 'e', 'two'),
        b.trigger('e', '2'),
        b.subscribe(back, 'e', 'three', first),
      ]);
      await b.subscribe(back, 'e', 'four');
      await b.trigger('e', '3');
      const frames = await framesOf(back, 3);
      expect(frames.map((frame) => frame.split('→')[0])).toEqual(['1:1', '2:2', '3:3']);
    });

    it('gets again what it has not acknowledged, and never what it has', async () => {
      await subscribeAndLeave();
      const { position } = await a.trigger('e', '1');
      await a.trigger('e', '2');
      const first = b.connectNamed();
      expect(await framesOf(first, 2)).toEqual(['1:1→c', '2:2→c']);
      await acknowledgeAndLeave(b, first, position);
      const second = a.connectNamed();
      expect(await framesOf(second, 1)).toEqual(['2:2→c']);
    });

    it('gets what is kept where the history was trimmed meanwhile, and is told of the gap with it', async () => {
      cluster = new MemoryCluster({ history: { envelopes: 2 } });
      [a, b] = [new TestHub(cluster), new TestHub(cluster)];
      await subscribeAndLeave();
      for (const data of ['1', '2', '3']) await a.trigger('e', data);
      const back = b.connectNamed('on-subscribe');
      expect(await b.subscribe(back, 'e', 'c')).toMatchObject({ recovered: false, resumed: { offset: 1 } });
      await b.trigger('e', '4');
      expect(await framesOf(back, 3)).toEqual(['2:2!→c', '3:3→c', '4:4→c']);
      expect(b.metrics.count('recovered', 'false')).toBe(1);
    });

    it('gets many events at once, more than are resumed together', async () => {
      const connection = a.connectNamed();
      const names = Array.from({ length: 100 }, (_, index) => `e${index}`);
      await Promise.all(names.map((name) => a.subscribe(connection, name, name)));
      a.disconnect(connection);
      await waitFor(isAway);
      for (const name of names) await a.trigger(name, 'missed');
      const back = b.connectNamed();
      expect((await framesOf(back, 100)).toSorted()).toEqual(
        names.map((name) => `1:missed→${name}`).toSorted(),
      );
      b.disconnect(back);
      await waitFor(() => b.hub.figures().events === 0);
    });

    it('is found by operators, with how far it has come', async () => {
      await subscribeAndLeave();
      const { position } = await a.trigger('e', '1');
      await a.trigger('e', '2');
      const back = b.connectNamed();
      await framesOf(back, 2);
      await acknowledgeAndLeave(b, back, position);
      const { items } = await a.hub.operator.subscriptions(anyone, guid, { limit: 10 });
      expect(items).toMatchObject([{ subscriber, session: { acknowledged: position, pending: 1 } }]);
      expect((await a.hub.operator.sessions(anyone, { limit: 10 })).items).toMatchObject([{ subscriber }]);
      expect(await a.hub.operator.session(anyone, subscriber)).toMatchObject({ subscriber });
      await expect(a.hub.operator.session(anyone, 'n:anyone/other')).rejects.toMatchObject({
        code: 'not-found',
      });
    });
  });

  describe('a one-shot while it is away', () => {
    it('reaches it at its one position on each return, until it is acknowledged', async () => {
      await subscribeAndLeave();
      await a.trigger('e', '1');
      const cut = await a.cut('e');
      await a.trigger('e', 'later');
      for (const node of [b, a]) {
        const back = node.connectNamed();
        expect(await framesOf(back, 2)).toEqual(['1:1→c', '2:cut→c']);
        node.disconnect(back);
        await waitFor(isAway);
      }
      const last = b.connectNamed();
      await framesOf(last, 2);
      await acknowledgeAndLeave(b, last, cut);
      expect(await session()).toBeUndefined();
      const after = a.connectNamed();
      expect(await a.subscribe(after, 'e', 'new')).not.toHaveProperty('resumed');
      expect(await framesOf(after, 0)).toEqual([]);
    });

    it('ends it once more for each subscription made in between, each with its own cookie', async () => {
      await subscribeAndLeave('first');
      await a.cut('e', 'one');
      await a.trigger('e', 'in between');
      const again = a.connectNamed('on-subscribe');
      await a.subscribe(again, 'e', 'second');
      a.disconnect(again);
      await waitFor(isAway);
      await a.trigger('e', 'missed');
      const second = await a.cut('e', 'two');
      await a.trigger('e', 'later');

      const back = b.connectNamed();
      expect(await framesOf(back, 3)).toEqual(['1:one→first', '3:missed→second', '4:two→second']);
      await acknowledgeAndLeave(b, back, second);
      expect(await pending()).toBe(0);
    });

    it('is delivered with the old cookie before a new subscription begins, where the client subscribes without a position', async () => {
      await subscribeAndLeave('old');
      await a.trigger('e', '1');
      await a.cut('e');
      await a.trigger('e', 'in between');
      const back = b.connectNamed('on-subscribe');
      expect(await b.subscribe(back, 'e', 'new')).toMatchObject({
        position: { offset: 3 },
        resumed: { offset: 0 },
      });
      await b.trigger('e', 'live');
      expect(await framesOf(back, 3)).toEqual(['1:1→old', '2:cut→old', '4:live→new']);
      expect(await stored()).toMatchObject({ cookie: 'new', since: { offset: 3 } });
    });

    it('ends the subscription, and nothing is stored, where the client subscribes with a position before it', async () => {
      const after = await subscribeAndLeave('old');
      await a.trigger('e', '1');
      await a.cut('e');
      const back = b.connectNamed('on-subscribe');
      expect(await b.subscribe(back, 'e', 'new', after)).toMatchObject({ ended: true, recovered: true });
      await b.trigger('e', 'live');
      expect(await framesOf(back, 2)).toEqual(['1:1→old', '2:cut→old']);
      expect(await stored()).toBeUndefined();
      expect(b.hub.figures()).toMatchObject({ subscriptions: 0, events: 0 });
    });

    it('was seen, where the client subscribes with a position behind it, and is settled when that is acknowledged', async () => {
      await subscribeAndLeave('old');
      const cut = await a.cut('e');
      const back = b.connectNamed('on-subscribe');
      expect(await b.subscribe(back, 'e', 'new', cut)).toMatchObject({ recovered: true });
      expect(await pending()).toBe(2);
      await b.trigger('e', 'live');
      expect(await framesOf(back, 1)).toEqual(['2:live→new']);
      await acknowledgeAndLeave(b, back, cut);
      expect(await pending()).toBe(1);
    });

    it('that reached this connection already is not delivered to it again by a subscribe with a position before it', async () => {
      const after = await subscribeAndLeave('old');
      await a.cut('e');
      const back = b.connectNamed();
      expect(await framesOf(back, 1)).toEqual(['1:cut→old']);
      expect(await b.subscribe(back, 'e', 'new', after)).toMatchObject({ ended: true, recovered: true });
      expect(await framesOf(back, 1)).toEqual(['1:cut→old']);
      expect(await stored()).toBeUndefined();
    });

    it('that is still being delivered is followed by a new subscription from the position that the client tells', async () => {
      await subscribeAndLeave('old');
      const cut = await a.cut('e');
      await a.trigger('e', 'missed');
      const back = b.connectNamed();
      back.bufferedBytes = 500_000; // nothing goes out yet
      await waitFor(() => b.metrics.count('recovered') === 1);
      expect(await b.subscribe(back, 'e', 'new', cut)).toMatchObject({ recovered: true });
      await b.trigger('e', 'live');
      back.bufferedBytes = 0;
      expect(await framesOf(back, 3)).toEqual(['1:cut→old', '2:missed→new', '3:live→new']);
    });

    it('that ended nothing of this subscriber ends a subscribe with a position before it, with all that was missed', async () => {
      await subscribeAndLeave('old');
      const first = await a.cut('e', 'one');
      const back = b.connectNamed();
      await framesOf(back, 1);
      await a.trigger('e', '2');
      await a.cut('e', 'three');
      expect(await b.subscribe(back, 'e', 'new', first)).toMatchObject({ ended: true, recovered: true });
      expect(await framesOf(back, 3)).toEqual(['1:one→old', '2:2→new', '3:three→new']);
    });

    it('is delivered even where the history was trimmed, with the gap before it', async () => {
      cluster = new MemoryCluster({ history: { envelopes: 2 } });
      [a, b] = [new TestHub(cluster), new TestHub(cluster)];
      await subscribeAndLeave();
      await a.trigger('e', '1');
      await a.cut('e');
      for (const data of ['3', '4', '5']) await a.trigger('e', data);
      const back = b.connectNamed();
      expect(await framesOf(back, 1)).toEqual(['2:cut!→c']);
    });
  });

  describe('a one-shot while it is connected', () => {
    it('reaches it again on return until it is acknowledged', async () => {
      const connection = a.connectNamed();
      await a.subscribe(connection, 'e', 'c');
      const cut = await b.cut('e');
      expect(await framesOf(connection, 1)).toEqual(['1:cut→c']);
      a.disconnect(connection);
      await waitFor(isAway);
      const back = b.connectNamed();
      expect(await framesOf(back, 1)).toEqual(['1:cut→c']);
      await b.acknowledge(back, 'e', cut);
      await waitFor(async () => (await pending()) === 0, 'the settled cut');
    });

    it('that races a new cookie is delivered once, with the old one', async () => {
      const { subscriptions } = cluster.node();
      const put: SubscriptionStore['put'] = async (subscription) => {
        if (subscription.cookie === 'new') await b.cut('e');
        return subscriptions.put(subscription);
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'old');
      await node.subscribe(connection, 'e', 'new');
      await node.trigger('e', 'on');
      expect(await framesOf(connection, 2)).toEqual(['1:cut→old', '2:on→new']);
      expect(node.hub.figures()).toMatchObject({ subscriptions: 1, events: 1 });
    });

    it('that was lost on the way is delivered all the same, before what came after it', async () => {
      cluster = new MemoryCluster({ history: { envelopes: 1 } });
      const { relay, subscriptions } = cluster.node();
      let deaf = false;
      const listen: typeof relay.listen = (listener) =>
        relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) }));
      const ports = { relay: replaced(relay, { listen }), subscriptions };
      const node = new TestHub(cluster, { ports });
      a = new TestHub(cluster);
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'old');
      await a.trigger('e', '1');
      await framesOf(connection, 1);
      deaf = true;
      await a.cut('e', 'two');
      await node.subscribe(connection, 'e', 'new');
      await a.trigger('e', '3');
      await a.trigger('e', '4');
      await framesOf(connection, 1);
      deaf = false;
      await a.trigger('e', '5');
      // The history had not kept 3 and 4: the next delivery says so.
      expect(await framesOf(connection, 3)).toEqual(['1:1→old', '2:two→old', '5:5!→new']);
    });
  });

  it('takes up what a connection that was replaced has stored last', async () => {
    const gate = deferred();
    const { subscriptions } = cluster.node();
    const put: SubscriptionStore['put'] = async (subscription) => {
      await gate.promise;
      return subscriptions.put(subscription);
    };
    const slow = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
    const older = slow.connectNamed();
    const late = slow.subscribe(older, 'e', 'late');
    await waitFor(session);
    const newer = b.connectNamed('on-subscribe');
    await b.subscribe(newer, 'e', 'first');
    await a.cut('e');
    await framesOf(newer, 1);
    gate.resolve();
    await late;
    await a.trigger('e', '2');
    expect(await b.subscribe(newer, 'e', 'new')).toMatchObject({ resumed: { offset: 1 } });
    await a.trigger('e', '3');
    expect(await framesOf(newer, 3)).toEqual(['1:cut→first', '2:2→new', '3:3→new']);
  });

  it('asks the store again where a one-shot was lost on the way since it answered', async () => {
    cluster = new MemoryCluster({ history: { envelopes: 1 } });
    a = new TestHub(cluster);
    const { relay, subscriptions } = cluster.node();
    let deaf = false;
    const listen: typeof relay.listen = (listener) =>
      relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) }));
    let answers = 0;
    const resume: SubscriptionStore['resume'] = async (...args) => {
      const answer = await subscriptions.resume(...args);
      if (answers++ > 0) return answer;
      deaf = true;
      await a.cut('e', 'two');
      await framesOf(plain, 1);
      deaf = false;
      await a.trigger('e', '3');
      await waitFor(() => node.metrics.count('gap', 'false') === 1);
      return answer;
    };
    const ports = {
      relay: replaced(relay, { listen }),
      subscriptions: replaced(subscriptions, { resume }),
    };
    const node = new TestHub(cluster, { ports });
    await subscribeAndLeave();
    const plain = node.connect();
    await node.subscribe(plain, 'e', 'p');
    await a.trigger('e', '1');
    await framesOf(plain, 1);
    const back = node.connectNamed();
    expect(await framesOf(back, 1)).toEqual(['2:two!→c']);
    expect(answers).toBe(2);
  });

  it('ends a subscription at the first of several one-shots that were lost on the way', async () => {
    cluster = new MemoryCluster({ history: { envelopes: 1 } });
    const { relay } = cluster.node();
    let deaf = false;
    const listen: typeof relay.listen = (listener) =>
      relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) }));
    const node = new TestHub(cluster, { ports: { relay: replaced(relay, { listen }) } });
    a = new TestHub(cluster);
    const connection = node.connectNamed();
    await node.subscribe(connection, 'e', 'c');
    await a.trigger('e', '1');
    await framesOf(connection, 1);
    deaf = true;
    await a.cut('e', 'two');
    await a.trigger('e', '3');
    await framesOf(connection, 1);
    deaf = false;
    await a.cut('e', 'four');
    expect(await framesOf(connection, 2)).toEqual(['1:1→c', '2:two→c']);
    expect(node.hub.figures()).toMatchObject({ subscriptions: 0, events: 0 });
  });

  describe('unsubscribe', () => {
    it('ends it for good, what cuts have ended included', async () => {
      await subscribeAndLeave();
      await a.cut('e');
      const again = a.connectNamed('on-subscribe');
      await a.subscribe(again, 'e', 'c');
      expect(await a.unsubscribe(again, 'e')).toBe(true);
      expect(await a.unsubscribe(again, 'e')).toBe(false);
      expect(await pending()).toBe(0);
      a.disconnect(again);
      await waitFor(async () => (await session()) === undefined, 'the end of the empty session');
      const back = b.connectNamed();
      expect(await b.subscribe(back, 'e', 'new')).not.toHaveProperty('resumed');
      expect(await framesOf(back, 0)).toEqual([]);
    });

    it('ends what was never resumed on this connection', async () => {
      await subscribeAndLeave();
      const back = b.connectNamed('on-subscribe');
      expect(await b.unsubscribe(back, 'e')).toBe(true);
      expect(await stored()).toBeUndefined();
    });

    it('forgets what was acknowledged: the next subscription begins anew', async () => {
      const connection = a.connectNamed();
      await a.subscribe(connection, 'e', 'c');
      const { position } = await a.trigger('e', '1');
      await framesOf(connection, 1);
      await a.acknowledge(connection, 'e', position);
      await a.unsubscribe(connection, 'e');
      await a.subscribe(connection, 'e', 'again');
      await a.trigger('e', '2');
      expect(await framesOf(connection, 2)).toEqual(['1:1→c', '2:2→again']);
    });

    it('of a connection that was replaced before its session was there does nothing', async () => {
      await subscribeAndLeave();
      const { sessions } = cluster.node();
      const gate = deferred();
      const slow = replaced(sessions, {
        take: async (claim) => {
          const taken = await sessions.take(claim);
          await gate.promise;
          return taken;
        },
      });
      const node = new TestHub(cluster, { ports: { sessions: slow } });
      const connection = node.connectNamed();
      const unsubscribing = node.unsubscribe(connection, 'e');
      node.disconnect(connection);
      gate.resolve();
      await expect(unsubscribing).rejects.toMatchObject({ code: 'closed' });
      expect(await stored()).toBeDefined();
    });
  });

  describe('an operator', () => {
    it('ends its subscription while it is connected', async () => {
      const connection = a.connectNamed();
      await a.subscribe(connection, 'e', 'c');
      await b.hub.operator.removeSubscription(anyone, guid, subscriber);
      await waitFor(() => a.hub.figures().subscriptions === 0 && a.hub.figures().events === 0);
      await b.trigger('e');
      expect(await framesOf(connection, 0)).toEqual([]);
      expect(await session()).toMatchObject({ events: [] });
    });

    it('ends its subscription while it is away, what cuts have ended included', async () => {
      await subscribeAndLeave();
      await a.cut('e');
      await b.hub.operator.removeSubscription(anyone, guid, subscriber);
      expect(await framesOf(b.connectNamed(), 0)).toEqual([]);
      expect(await pending()).toBe(0);
    });
  });

  describe('when the store fails', () => {
    it('closes a connection whose session it cannot resume, and leaves nothing behind', async () => {
      await subscribeAndLeave();
      const { subscriptions } = cluster.node();
      const resume = (): Promise<never> => Promise.reject(new HubError('relay-unavailable'));
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { resume }) } });
      const connection = node.connectNamed();
      await waitFor(() => connection.closedWith === 'session-acquire-failed');
      await waitFor(isAway);
      expect(node.hub.figures()).toMatchObject({ connections: 0, subscriptions: 0, events: 0 });
    });

    it('answers a subscribe that cannot resume with the error, and a second try succeeds', async () => {
      await subscribeAndLeave();
      await a.trigger('e', '1');
      const { subscriptions } = cluster.node();
      let failures = 1;
      const resume: SubscriptionStore['resume'] = (...args) =>
        failures-- > 0 ? Promise.reject(new HubError('relay-unavailable')) : subscriptions.resume(...args);
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { resume }) } });
      const connection = node.connectNamed('on-subscribe');
      await expect(node.subscribe(connection, 'e', 'c')).rejects.toMatchObject({ code: 'relay-unavailable' });
      expect(node.hub.figures()).toMatchObject({ subscriptions: 0 });
      await node.subscribe(connection, 'e', 'c');
      expect(await framesOf(connection, 1)).toEqual(['1:1→c']);
    });

    it('takes up what was stored although nobody was told so, a one-shot on it included', async () => {
      const { subscriptions } = cluster.node();
      let failures = 1;
      const put: SubscriptionStore['put'] = async (subscription) => {
        const result = await subscriptions.put(subscription);
        if (failures-- > 0) throw new HubError('relay-unavailable');
        return result;
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connectNamed();
      await expect(node.subscribe(connection, 'e', 'c')).rejects.toMatchObject({ code: 'relay-unavailable' });
      await a.trigger('e', '1');
      await a.cut('e');
      await node.subscribe(connection, 'e', 'new');
      await a.trigger('e', '3');
      expect(await framesOf(connection, 3)).toEqual(['1:1→c', '2:cut→c', '3:3→new']);
    });

    it('takes up what stood between the older subscription and a newer one, and was cut before anybody knew', async () => {
      const { subscriptions } = cluster.node();
      const put: SubscriptionStore['put'] = async (subscription) => {
        if (subscription.cookie !== 'old') await a.cut('e', `before ${subscription.cookie}`);
        const result = await subscriptions.put(subscription);
        if (subscription.cookie === 'lost') throw new HubError('relay-unavailable');
        return result;
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'old');
      // All before the first of the cuts has reached the node.
      await node.subscribe(connection, 'e', 'lost').catch(() => 'tried again');
      await node.subscribe(connection, 'e', 'new');
      await a.trigger('e', 'live');
      const frames = await framesOf(connection, 4);
      expect(frames.slice(0, 2)).toEqual(['1:before lost→old', '2:before new→lost']);
      expect(frames.at(-1)).toMatch(/:live→new$/);
    });

    it('takes up a newer subscription whose answer was lost, when the older one has ended', async () => {
      const { subscriptions } = cluster.node();
      const put: SubscriptionStore['put'] = async (subscription) => {
        if (subscription.cookie !== 'lost') return subscriptions.put(subscription);
        await a.cut('e');
        await subscriptions.put(subscription);
        throw new HubError('relay-unavailable');
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connectNamed();
      await node.subscribe(connection, 'e', 'old');
      await expect(node.subscribe(connection, 'e', 'lost')).rejects.toMatchObject({
        code: 'relay-unavailable',
      });
      expect(await framesOf(connection, 1)).toEqual(['1:cut→old']);
      await a.trigger('e', '2');
      await node.subscribe(connection, 'e', 'new');
      await a.trigger('e', '3');
      expect(await framesOf(connection, 3)).toEqual(['1:cut→old', '2:2→lost', '3:3→new']);
    });
  });

  it('keeps order where a new generation begins while the one before it still waits for an older one', async () => {
    await subscribeAndLeave('first');
    await a.cut('e', 'one');
    const again = a.connectNamed('on-subscribe');
    await a.subscribe(again, 'e', 'second');
    a.disconnect(again);
    await waitFor(isAway);

    const back = b.connectNamed();
    back.bufferedBytes = 500_000; // reads slowly: what it missed waits
    await waitFor(() => b.hub.figures().subscriptions === 1 && b.metrics.count('recovered') === 1);
    await a.cut('e', 'two');
    await b.subscribe(back, 'e', 'third');
    await a.trigger('e', 'three');
    expect(await framesOf(back, 0)).toEqual([]);
    back.bufferedBytes = 0;
    expect(await framesOf(back, 3)).toEqual(['1:one→first', '2:two→second', '3:three→third']);
  });

  it('keeps nothing of events that are over, however many it had', async () => {
    const connection = a.connectNamed();
    for (let index = 0; index < 50; index++) {
      await a.subscribe(connection, `e${index}`, 'c');
      const cut = await a.cut(`e${index}`);
      await waitFor(() => connection.frames.length === index + 1);
      await a.acknowledge(connection, `e${index}`, cut);
    }
    await waitFor(async () => (await session())?.events.length === 0, 'the settled cuts');
    await expect(a.acknowledge(connection, 'e0', { epoch: 'x', offset: 1 })).rejects.toMatchObject({
      code: 'not-found',
    });
    a.disconnect(connection);
    await waitFor(async () => (await session()) === undefined);
  });
});
