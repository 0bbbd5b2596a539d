import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { SignalRBridge } from './signalr-bridge.js';
import { BridgedCluster, connected } from './testing/bridged-cluster.js';
import type { ForeignEventHub } from './testing/foreign-event-hub.js';
import { ForeignRingback } from './testing/foreign-ringback.js';

describe('SignalRBridge on several nodes', () => {
  let world: BridgedCluster;
  let remote: ForeignEventHub;

  const start: BridgedCluster['start'] = (within) => world.start(within);
  const at = (): BridgedCluster['place'] => world.place;

  beforeEach(async () => {
    world = await BridgedCluster.open();
    remote = world.remote;
  });
  afterEach(() => world.close());

  it('holds one connection for the whole cluster, and another node takes over from one that cannot renew its claim', async () => {
    const [first, second] = [await start(), await start()];
    const subscriber = await second.subscriber('e');
    const bridges = [first, second].map((node) =>
      node.bridge({ ...at(), subscribe: ['e'], trigger: ['out'] }),
    );
    await waitFor(() => bridges.some(({ connected: isConnected }) => isConnected), 'a bridge');
    expect(bridges.filter(({ leads }) => leads)).toHaveLength(1);
    expect(remote.connections).toBe(1);
    const leader = bridges[0]?.leads ? 0 : 1;
    [first, second][leader]?.cutOff();
    await waitFor(() => bridges[1 - leader]?.connected, 'the other');
    await waitFor(() => remote.connections === 1 && !bridges[leader]?.leads, 'the one connection');
    await remote.trigger('e', 'after');
    await waitFor(() => subscriber.received.length === 1, 'the delivery');
    await first.trigger('out', 'after');
    await waitFor(() => remote.triggers.length === 1, 'the trigger');
  });

  it('lets another node take over at once when it closes', async () => {
    const [first, second] = [await start(), await start()];
    const bridge = first.bridge(at());
    await connected(bridge);
    const next = second.bridge(at());
    await bridge.close();
    await connected(next);
    expect(remote.connections).toBe(1);
  });

  it('subscribes there what is subscribed to on any node, and ends it some time after the last', async () => {
    const [first, second] = [await start(), await start()];
    await connected(first.bridge({ ...at(), subscribeOnDemand: ['order-*', 'exact'] }));
    second.bridge({ ...at(), subscribeOnDemand: ['order-*', 'exact'] });
    const subscriber = await second.subscriber('order-1', 'exact', 'else');
    await waitFor(
      () => remote.subscribers('order-1').length === 1 && remote.subscribers('exact').length === 1,
      'it',
    );
    expect(remote.subscribers('else')).toEqual([]);
    await remote.trigger('order-1', 'x');
    await waitFor(() => subscriber.received.length === 1, 'the delivery');
    const other = await first.subscriber('order-1');
    second.leave(subscriber);
    await waitFor(() => remote.subscribers('exact').length === 0, 'the end');
    expect(remote.subscribers('order-1')).toHaveLength(1);
    first.leave(other);
    await waitFor(() => remote.subscribers('order-1').length === 0, 'the end of the other');
  });

  it('keeps what is of interest subscribed when another node leads', async () => {
    const [first, second] = [await start(), await start()];
    const subscriber = await second.subscriber('order-1');
    await connected(first.bridge({ ...at(), subscribeOnDemand: ['order-*'] }));
    const next = second.bridge({ ...at(), subscribeOnDemand: ['order-*'] });
    first.cutOff();
    await connected(next);
    await waitFor(() => remote.subscribers('order-1').length === 1, 'the subscription');
    await remote.trigger('order-1', 'x');
    await waitFor(() => subscriber.received.length === 1, 'the delivery');
  });

  it('goes on under the new name of a cluster that has lost its key', async () => {
    const there = await ForeignRingback.start();
    const node = await start();
    const subscriberId = (): string => there.queries.at(-1)?.get('subscriberId') ?? '';
    await connected(node.bridge({ kind: 'ringback', url: there.url, subscribe: ['e'] }));
    expect(subscriberId()).toBe(`bridge/${await node.hub.clusterId()}/remote`);
    world.cluster.restart({ keep: false });
    const clusterId = await node.hub.clusterId();
    await waitFor(() => subscriberId() === `bridge/${clusterId}/remote`, 'the new name');
    await connected(node.bridges[0] as SignalRBridge);
    expect(there.called('SubscribeToEvent')).toHaveLength(2);
    await there.close();
  });
});
