import { beforeEach, describe, expect, it } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import type { Relay, RelayListener } from './ports/relay.port.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import { deferred, replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const WAIT_MS = 3_000;

describe('Hub.trigger, when it waits for the receipt', () => {
  let cluster: MemoryCluster;
  let a: TestHub;
  let b: TestHub;

  const receiptOf = async (node: TestHub, waitMs = WAIT_MS) =>
    (await node.trigger('e', 'd', {}, waitMs)).receipt;

  beforeEach(async () => {
    cluster = new MemoryCluster();
    a = new TestHub(cluster);
    b = new TestHub(cluster);
    await a.hub.start();
    await b.hub.start();
  });

  it('counts the deliveries of all nodes', async () => {
    for (const node of [a, a, b, b, b]) await node.subscribe(node.connect(), 'e', 'c');
    expect(await receiptOf(a)).toEqual({ delivered: 5, queued: 0, dropped: 0, complete: true });
    expect(await receiptOf(b)).toEqual({ delivered: 5, queued: 0, dropped: 0, complete: true });
  });

  it('counts a one-shot that ends its subscriptions', async () => {
    await b.subscribe(b.connect(), 'e', 'c');
    const { receipt } = await a.trigger('e', 'd', { removeAfterSend: true }, WAIT_MS);
    expect(await receipt).toEqual({ delivered: 1, queued: 0, dropped: 0, complete: true });
  });

  it('is complete with nothing where nobody is subscribed', async () => {
    expect(await receiptOf(a)).toEqual({ delivered: 0, queued: 0, dropped: 0, complete: true });
  });

  it('answers without a receipt where it is not asked for', async () => {
    await a.subscribe(a.connect(), 'e', 'c');
    expect(await a.trigger('e')).not.toHaveProperty('receipt');
  });

  it('counts as queued what a subscriber who recovers holds back', async () => {
    const { position } = await a.trigger('e', '1');
    await a.trigger('e', '2');
    await a.subscribe(a.connect(), 'e', 'c');
    const slow = b.connect();
    slow.bufferedBytes = 500_000;
    await b.subscribe(slow, 'e', 'c', position);
    expect(await receiptOf(a)).toEqual({ delivered: 1, queued: 1, dropped: 0, complete: true });
    slow.bufferedBytes = 0;
    await waitFor(() => slow.frames.length === 2);
  });

  it('counts as queued what comes while a subscription is being stored', async () => {
    const { subscriptions } = cluster.node();
    const gate = deferred();
    const put: SubscriptionStore['put'] = async (subscription) => {
      const result = await subscriptions.put(subscription);
      await gate.promise;
      return result;
    };
    const node = new TestHub(cluster, { ports: { subscriptions: replaced(subscriptions, { put }) } });
    await node.hub.start();
    const connection = node.connect();
    const subscribing = node.subscribe(connection, 'e', 'c');
    await waitFor(() => node.hub.figures().events === 1);
    expect(await receiptOf(a)).toMatchObject({ delivered: 0, queued: 1 });
    gate.resolve();
    await subscribing;
    await waitFor(() => connection.frames.length === 1);
  });

  it('counts as dropped what was lost with a connection that overruns its outbox', async () => {
    await a.subscribe(a.connect(), 'e', 'c');
    const slow = b.connect();
    await b.subscribe(slow, 'e', 'c');
    slow.bufferedBytes = 2 * 1024 * 1024;
    expect(await receiptOf(a)).toEqual({ delivered: 1, queued: 0, dropped: 1, complete: true });
    expect(slow.closedWith).toBe('slow-consumer');
  });

  it('is not complete, after its time, where a node says nothing', async () => {
    const { peers } = cluster.node();
    const clock = new FakeClock();
    const mute = new TestHub(cluster, {
      ports: { peers: replaced(peers, { tell: () => Promise.resolve() }) },
    });
    const asking = new TestHub(cluster, { ports: { clock } });
    await asking.hub.start();
    await mute.subscribe(mute.connect(), 'e', 'c');
    await b.subscribe(b.connect(), 'e', 'c');
    const waiting = receiptOf(asking);
    await waitFor(() => b.metrics.count('delivered') === 1 && mute.metrics.count('delivered') === 1);
    clock.advance(WAIT_MS);
    expect(await waiting).toMatchObject({ complete: false });
  });

  it('is complete also where a node found the envelope in the history first', async () => {
    const { relay } = cluster.node();
    let deaf = true;
    const listen = (listener: RelayListener): void =>
      relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) }));
    const node = new TestHub(cluster, { ports: { relay: replaced(relay, { listen }) } });
    await node.hub.start();
    const connection = node.connect();
    await node.subscribe(connection, 'e', 'c');
    await a.trigger('e', 'lost on the way');
    await a.trigger('e', 'lost on the way');
    await new Promise<void>((resume) => void setImmediate(resume));
    deaf = false;
    expect(await receiptOf(a)).toEqual({ delivered: 1, queued: 0, dropped: 0, complete: true });
    expect(connection.frames).toHaveLength(3);
  });

  it('fails as a trigger does, and waits for nothing', async () => {
    const { relay } = cluster.node();
    const publish: Relay['publish'] = () => Promise.reject(new HubError('relay-unavailable'));
    const node = new TestHub(cluster, { ports: { relay: replaced(relay, { publish }) } });
    await expect(node.trigger('e', 'd', {}, WAIT_MS)).rejects.toMatchObject({ code: 'relay-unavailable' });
  });
});
