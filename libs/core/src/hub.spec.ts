import { beforeEach, describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, HubError, parseEventGuid } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { Relay } from './ports/relay.port.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const guid = parseEventGuid('e');
const first = { limit: 100 };
const anyone = { name: 'anyone' };

describe('Hub', () => {
  let cluster: MemoryCluster;
  let a: TestHub;
  let b: TestHub;

  const stored = async (eventguid = guid): Promise<string[]> => {
    const page = await cluster.node().subscriptions.subscriptions(eventguid, first);
    return page.items.map(({ cookie }) => cookie);
  };

  beforeEach(() => {
    cluster = new MemoryCluster();
    a = new TestHub(cluster);
    b = new TestHub(cluster);
  });

  describe('trigger', () => {
    it('reaches every subscriber on every node with its own cookie', async () => {
      const [one, two, three] = [a.connect(), a.connect(), b.connect()];
      await a.subscribe(one, 'e', 'c1');
      await a.subscribe(two, 'e', 'c2');
      await b.subscribe(three, 'e', 'c3');

      const published = await b.trigger('e', 'hello');

      expect(published).toMatchObject({ position: { offset: 1 }, subscribers: 3, nodes: 2 });
      await waitFor(() => [one, two, three].every(({ frames }) => frames.length === 1));
      expect([one, two, three].flatMap(({ frames }) => frames)).toEqual([
        '1:hello→c1',
        '1:hello→c2',
        '1:hello→c3',
      ]);
      expect(a.metrics.count('delivered')).toBe(2);
    });

    it('refuses data that are too large, counting bytes', async () => {
      const small = new TestHub(cluster, { limits: { dataBytes: 4 } });
      await expect(small.trigger('e', 'üüü')).rejects.toMatchObject({ code: 'data-too-large' });
      await expect(small.trigger('e', new Uint8Array(5))).rejects.toMatchObject({ code: 'data-too-large' });
      await expect(small.trigger('e', 'üü')).resolves.toMatchObject({ position: { offset: 1 } });
    });

    it('refuses whom the access policy does not allow', async () => {
      const access = { authenticate: () => Promise.resolve(anyone), allows: () => false };
      const closed = new TestHub(cluster, { ports: { access } });
      await expect(closed.trigger('e')).rejects.toMatchObject({ code: 'forbidden' });
      await expect(closed.subscribe(closed.connect(), 'e', 'c')).rejects.toMatchObject({ code: 'forbidden' });
      await expect(closed.hub.history({ name: 'n' }, parseEventGuid('e'))).rejects.toMatchObject({
        code: 'forbidden',
      });
      await expect(closed.hub.operator.events(anyone, first)).rejects.toMatchObject({ code: 'forbidden' });
    });
  });

  describe('subscribe', () => {
    it('lets the last cookie win, also when both are on their way at once', async () => {
      const connection = a.connect();
      await Promise.all([a.subscribe(connection, 'e', 'first'), a.subscribe(connection, 'e', 'second')]);
      await a.trigger('e');
      await waitFor(() => connection.frames.length > 0);
      expect(connection.frames).toEqual(['1:→second']);
      expect(await stored()).toEqual(['second']);
    });

    it('follows the event once for two who arrive at once, and drops it when the last has left', async () => {
      const { relay } = cluster.node();
      const calls: string[] = [];
      const gate = deferred();
      const follow: Relay['follow'] = async (eventguid) => {
        calls.push('follow');
        await gate.promise;
        await relay.follow(eventguid);
      };
      const unfollow: Relay['unfollow'] = (eventguid) => {
        calls.push('unfollow');
        return relay.unfollow(eventguid);
      };
      const node = new TestHub(cluster, { ports: { relay: replaced(relay, { follow, unfollow }) } });
      const [one, two] = [node.connect(), node.connect()];

      const subscribing = Promise.all([node.subscribe(one, 'e', '1'), node.subscribe(two, 'e', '2')]);
      gate.resolve();
      await subscribing;
      expect(calls).toEqual(['follow']);

      await node.hub.unsubscribe(one.connectionId, guid);
      expect(calls).toEqual(['follow']);
      const leaving = node.hub.unsubscribe(two.connectionId, guid);
      const arriving = node.subscribe(one, 'e', '3');
      await Promise.all([leaving, arriving]);
      await node.trigger('e');
      await waitFor(() => one.frames.length === 1);
      expect(
        calls.filter((call) => call === 'follow').length - calls.filter((call) => call === 'unfollow').length,
      ).toBe(1);

      node.hub.disconnect(one.connectionId);
      await waitFor(() => calls.at(-1) === 'unfollow' && node.hub.figures().events === 0);
    });

    it('delivers what is triggered between follow and answer once, and only if it came after', async () => {
      const { subscriptions } = cluster.node();
      const put: SubscriptionStore['put'] = async (subscription) => {
        await b.trigger('e', 'before');
        const result = await subscriptions.put(subscription);
        await b.trigger('e', 'after');
        return result;
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connect();

      expect(await node.subscribe(connection, 'e', 'c')).toMatchObject({ position: { offset: 1 } });
      await node.trigger('e', 'later');
      await waitFor(() => connection.frames.length >= 2);
      expect(connection.frames).toEqual(['2:after→c', '3:later→c']);
    });

    it('leaves nothing behind when the store cannot be reached, and removes later what may have been stored', async () => {
      const { subscriptions } = cluster.node();
      const put: SubscriptionStore['put'] = async (subscription) => {
        await subscriptions.put(subscription);
        throw new HubError('relay-unavailable');
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connect();

      await expect(node.subscribe(connection, 'e', 'c')).rejects.toMatchObject({ code: 'relay-unavailable' });

      expect(node.hub.figures()).toMatchObject({ subscriptions: 0 });
      await waitFor(async () => (await stored()).length === 0 && node.hub.figures().events === 0);
    });

    it('answers with the error when the event cannot be followed, and a second try succeeds', async () => {
      const { relay } = cluster.node();
      let failures = 1;
      const follow: Relay['follow'] = (eventguid) =>
        failures-- > 0 ? Promise.reject(new HubError('relay-unavailable')) : relay.follow(eventguid);
      const node = new TestHub(cluster, { ports: { relay: replaced(relay, { follow }) } });
      const connection = node.connect();

      await expect(node.subscribe(connection, 'e', 'c')).rejects.toMatchObject({ code: 'relay-unavailable' });
      expect(await stored()).toEqual([]);
      await node.subscribe(connection, 'e', 'c');
      await node.trigger('e');
      await waitFor(() => connection.frames.length === 1);
    });

    it('refuses a cookie that is too large or that UTF-8 cannot say, and one subscription too many', async () => {
      const node = new TestHub(cluster, { limits: { cookieBytes: 4, subscriptionsPerConnection: 2 } });
      const connection = node.connect();
      await expect(node.subscribe(connection, 'e', 'üüü')).rejects.toMatchObject({
        code: 'cookie-too-large',
      });
      await expect(node.subscribe(connection, 'e', '\ud800')).rejects.toMatchObject({ code: 'bad-request' });

      const results = await Promise.allSettled(
        ['1', '2', '3'].map((e) => node.subscribe(connection, e, 'c')),
      );
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(results[2]).toMatchObject({ reason: { code: 'too-many-subscriptions' } });
      await expect(node.subscribe(connection, '1', 'new')).resolves.toBeDefined();
    });

    it('lets a connection have more subscriptions than the limit that says so itself', async () => {
      const node = new TestHub(cluster, { limits: { subscriptionsPerConnection: 1 } });
      const connection = Object.assign(node.connect(), { maxSubscriptions: 2 });
      for (const eventguid of ['1', '2']) await node.subscribe(connection, eventguid, 'c');
      await expect(node.subscribe(connection, '3', 'c')).rejects.toMatchObject({
        code: 'too-many-subscriptions',
      });
    });
  });

  describe('a one-shot', () => {
    it('ends the subscriptions of all nodes, and the second reaches nobody', async () => {
      const [one, two] = [a.connect(), b.connect()];
      await a.subscribe(one, 'e', '1');
      await b.subscribe(two, 'e', '2');
      expect(await a.trigger('e', 'once', { removeAfterSend: true })).toMatchObject({ subscribers: 2 });
      expect(await b.trigger('e', 'twice', { removeAfterSend: true })).toMatchObject({ subscribers: 0 });
      await waitFor(() => one.frames.length + two.frames.length >= 2);
      await waitFor(() =>
        [a, b].every(({ hub }) => hub.figures().subscriptions === 0 && hub.figures().events === 0),
      );
      expect([...one.frames, ...two.frames]).toEqual(['1:once→1', '1:once→2']);
    });

    it('still rings the old generation with its old cookie when the subscriber has subscribed again meanwhile', async () => {
      const { relay, subscriptions } = cluster.node();
      const node = new TestHub(cluster, {
        ports: {
          relay,
          subscriptions: replaced(subscriptions, {
            put: async (subscription) => {
              if (subscription.cookie === 'new') await b.trigger('e', 'cut', { removeAfterSend: true });
              return subscriptions.put(subscription);
            },
          }),
        },
      });
      const connection = node.connect();
      await node.subscribe(connection, 'e', 'old');
      await node.subscribe(connection, 'e', 'new');
      await node.trigger('e', 'on');

      await waitFor(() => connection.frames.length >= 2);
      expect(connection.frames).toEqual(['1:cut→old', '2:on→new']);
      expect(node.hub.figures()).toMatchObject({ subscriptions: 1, events: 1 });
      expect(await stored()).toEqual(['new']);
    });
  });

  describe('subscribe with a last position', () => {
    it('delivers what was missed before what is live, each offset once, on another node', async () => {
      const gone = a.connect();
      await a.subscribe(gone, 'e', 'c');
      const { position } = await a.trigger('e', '1');
      a.hub.disconnect(gone.connectionId);
      await a.trigger('e', '2');
      await a.trigger('e', '3');

      const back = b.connect();
      expect(await b.subscribe(back, 'e', 'c', position)).toMatchObject({
        recovered: true,
        position: { offset: 3 },
      });
      await b.trigger('e', '4');
      await waitFor(() => back.frames.length >= 3);
      expect(back.frames).toEqual(['2:2→c', '3:3→c', '4:4→c']);
    });

    it('says that it is not whole when the history is gone', async () => {
      const { position } = await a.trigger('e', '1');
      cluster.restart({ keep: false });
      await b.trigger('e', '2');
      const back = b.connect();
      expect(await b.subscribe(back, 'e', 'c', position)).toMatchObject({ recovered: false });
      expect(b.metrics.count('recovered', 'false')).toBe(1);
      const { position: next } = await b.trigger('e', '3');
      await waitFor(() => back.frames.length === 1);
      expect(back.frames).toEqual([`${next.offset}:3→c`]);
    });

    it('ends with the one-shot that was missed, and stores nothing', async () => {
      const { position } = await a.trigger('e', '1');
      await a.trigger('e', '2', { removeAfterSend: true });
      await a.trigger('e', '3');
      const back = b.connect();
      expect(await b.subscribe(back, 'e', 'c', position)).toMatchObject({ recovered: true, ended: true });
      await waitFor(() => back.frames.length >= 1 && b.hub.figures().events === 0);
      expect(back.frames).toEqual(['2:2→c']);
      expect(await stored()).toEqual([]);
    });
  });

  describe('unsubscribe and disconnect', () => {
    it('delivers what was triggered before the end, before it is answered', async () => {
      const connection = a.connect();
      await a.subscribe(connection, 'e', 'c');
      await a.trigger('e');
      await a.hub.unsubscribe(connection.connectionId, guid);
      expect(connection.frames).toEqual(['1:→c']);
    });

    it('unsubscribes once', async () => {
      const connection = a.connect();
      await a.subscribe(connection, 'e', 'c');
      expect(await a.hub.unsubscribe(connection.connectionId, guid)).toBe(true);
      expect(await a.hub.unsubscribe(connection.connectionId, guid)).toBe(false);
      expect(await stored()).toEqual([]);
      expect(await a.trigger('e')).toMatchObject({ subscribers: 0, nodes: 0 });
    });

    it('removes what a connection held when it is gone, also what was being stored', async () => {
      const { subscriptions } = cluster.node();
      const gate = deferred();
      const put: SubscriptionStore['put'] = async (subscription) => {
        await gate.promise;
        return subscriptions.put(subscription);
      };
      const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
      const connection = node.connect();
      const subscribing = node.subscribe(connection, 'e', 'c');
      node.hub.disconnect(connection.connectionId);
      node.hub.disconnect(connection.connectionId);
      gate.resolve();

      await expect(subscribing).rejects.toMatchObject({ code: 'closed' });
      await waitFor(async () => (await stored()).length === 0 && node.hub.figures().events === 0);
      expect(node.metrics.count('disconnected', 'client')).toBe(1);
      await expect(node.subscribe(connection, 'e', 'c')).rejects.toMatchObject({ code: 'closed' });
    });

    it('tries a removal that failed again with the next heartbeat', async () => {
      const clock = new FakeClock();
      const { subscriptions } = cluster.node();
      let away = true;
      const removeSubscriber: SubscriptionStore['removeSubscriber'] = (...args) =>
        away ? Promise.reject(new HubError('relay-unavailable')) : subscriptions.removeSubscriber(...args);
      const ports = { clock, subscriptions: replaced(subscriptions, { removeSubscriber }) };
      const node = new TestHub(cluster, { ports });
      await node.hub.start();
      const connection = node.connect();
      await node.subscribe(connection, 'e', 'c');
      node.hub.disconnect(connection.connectionId);
      await waitFor(() =>
        node.log.at('warn').some(({ message }) => message === 'store removal failed, will retry'),
      );
      expect(await stored()).toEqual(['c']);

      away = false;
      clock.advance(5_000);
      await waitFor(async () => (await stored()).length === 0);
    });
  });

  describe('operators', () => {
    it('end a subscription on whichever node holds it', async () => {
      const connection = a.connect();
      await a.subscribe(connection, 'e', 'c');
      const subscriber = `c:${connection.connectionId}`;
      await b.hub.operator.removeSubscription(anyone, guid, subscriber);
      await waitFor(() => a.hub.figures().subscriptions === 0 && a.hub.figures().events === 0);
      await expect(b.hub.operator.removeSubscription(anyone, guid, subscriber)).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('see events, and are told of what there is not', async () => {
      await a.subscribe(a.connect(), 'e', 'c');
      await a.trigger('e');
      expect(await b.hub.operator.event(anyone, guid)).toMatchObject({
        subscribers: 1,
        kept: 1,
        position: { offset: 1 },
      });
      const never = parseEventGuid('never');
      await expect(b.hub.operator.event(anyone, never)).rejects.toMatchObject({ code: 'not-found' });
      await expect(b.hub.operator.connection(anyone, 'x')).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  describe('the lease', () => {
    it('that was lost is taken anew, and what the node holds is put again with its own place', async () => {
      const clock = new FakeClock();
      const node = new TestHub(cluster, { ports: { clock } });
      await node.hub.start();
      const connection = node.connect();
      await node.subscribe(connection, 'e', 'c');
      await b.trigger('e', '1');
      const { leases } = cluster.node();
      const before = await leases.node(node.hub.nodeId);
      cluster.expireLease(before!);
      expect(await leases.sweep()).toBe(1);
      expect(await stored()).toEqual([]);

      clock.advance(5_000);

      await waitFor(async () => (await stored()).length === 1);
      expect((await leases.node(node.hub.nodeId))?.generation).not.toBe(before?.generation);
      expect(await cluster.node().subscriptions.find(guid, `c:${connection.connectionId}`)).toMatchObject({
        since: { offset: 0 },
        lease: { nodeId: node.hub.nodeId },
      });
    });

    it('of a dead node is swept by a living one', async () => {
      const clock = new FakeClock();
      const living = new TestHub(cluster, { ports: { clock } });
      await living.hub.start();
      await a.hub.start();
      await a.subscribe(a.connect(), 'e', 'c');
      cluster.expireLease((await cluster.node().leases.node(a.hub.nodeId))!);

      clock.advance(5_000);

      await waitFor(() => living.metrics.count('swept') === 1);
      expect(await stored()).toEqual([]);
    });

    it('is kept while a drain closes the connections one after the other; what they ask is done meanwhile', async () => {
      const clock = new FakeClock();
      const node = new TestHub(cluster, { ports: { clock } });
      await node.hub.start();
      const connections = Array.from({ length: 100 }, () => node.connect());
      const draining = node.hub.drain(10_000);

      const closed = (): number => connections.filter(({ closes }) => closes.length > 0).length;
      expect(closed()).toBe(2);
      expect(() => node.connect()).toThrow(expect.objectContaining({ code: 'draining' }));
      await expect(node.trigger('e')).resolves.toMatchObject({ position: { offset: 1 } });
      expect((await cluster.node().leases.nodes(first)).items).toHaveLength(1);

      await waitFor(() => {
        clock.advance(20);
        return closed() === 100;
      });
      await draining;
      expect((await cluster.node().leases.nodes(first)).items).toEqual([]);
    });

    it('has a drain close what its sources name beside the clients', async () => {
      await a.hub.start();
      const closed: string[] = [];
      for (const names of [['one', 'two'], ['three']])
        a.hub.addDrainSource(() => names.map((name) => () => void closed.push(name)));
      const connection = a.connect();
      expect(a.hub.isDraining).toBe(false);
      const draining = a.hub.drain();
      expect(a.hub.isDraining).toBe(true);
      await draining;
      expect(closed.toSorted()).toEqual(['one', 'three', 'two']);
      expect(connection.closes).toEqual([CLOSE_REASONS.draining]);
    });

    it('loses one connection that is sent away, as a drain does with all', async () => {
      const connection = a.connect();
      await a.subscribe(connection, 'e', 'c');
      expect(a.hub.sendAway(connection.connectionId)).toBe(true);
      expect(connection.closes).toEqual([CLOSE_REASONS.draining]);
      expect(a.hub.sendAway(connection.connectionId)).toBe(false);
      expect(a.hub.figures().connections).toBe(0);
      await waitFor(async () => (await stored()).length === 0);
    });

    it('is given up by a drain, which closes every connection; triggers are accepted all the same', async () => {
      await a.hub.start();
      const connection = a.connect();
      await a.subscribe(connection, 'e', 'c');
      await a.hub.drain();

      expect(connection.closes).toEqual([CLOSE_REASONS.draining]);
      expect(await stored()).toEqual([]);
      expect((await cluster.node().leases.nodes(first)).items).toEqual([]);
      await expect(a.trigger('e')).resolves.toMatchObject({ position: { offset: 1 } });
      expect(() => a.connect()).toThrow(expect.objectContaining({ code: 'draining' }));
    });
  });

  it('takes no more connections than it may', () => {
    const full = new TestHub(cluster, { limits: { connectionsPerNode: 1 } });
    full.connect();
    expect(() => full.connect()).toThrow(expect.objectContaining({ code: 'too-many-connections' }));
  });

  it('names the epochs that positions may be of, the present one first', async () => {
    const [used, unused] = [parseEventGuid('e'), parseEventGuid('unused')];
    const before = await a.trigger('e');
    cluster.restart({ keep: true });
    const after = await a.trigger('e');
    const epochs = [after, before].map(({ position }) => position.epoch);
    expect(await a.hub.epochs([used, unused])).toEqual([epochs, []]);
  });

  it('shows what is kept of an event up to where a subscription begins', async () => {
    await a.trigger('e', 'first');
    await a.trigger('e', 'second');
    const { position } = await a.subscribe(a.connect(), 'e', 'c');
    await a.trigger('e', 'third');
    const kept = await a.hub.history({ name: 'anyone' }, parseEventGuid('e'), position);
    expect(kept.map(({ data }) => data)).toEqual(['first', 'second']);
    expect(await a.hub.history({ name: 'anyone' }, parseEventGuid('e'))).toHaveLength(3);
  });

  it('counts every error by its code, and logs those that are its own fault', () => {
    expect(a.hub.failed(new HubError('bad-request')).code).toBe('bad-request');
    expect(a.hub.failed(new Error('a bug')).code).toBe('internal');
    expect(a.metrics.count('failed', 'bad-request')).toBe(1);
    expect(a.log.at('error')).toHaveLength(1);
  });
});
