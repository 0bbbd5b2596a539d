import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import { BridgedCluster, connected } from './testing/bridged-cluster.js';
import { ForeignEventHub } from './testing/foreign-event-hub.js';

describe('SignalRBridge to a three-string event hub', () => {
  let world: BridgedCluster;
  let remote: ForeignEventHub;

  const start: BridgedCluster['start'] = (within) => world.start(within);
  const at = (): BridgedCluster['place'] => world.place;

  beforeEach(async () => {
    world = await BridgedCluster.open();
    remote = world.remote;
  });
  afterEach(() => world.close());

  it('triggers here what is triggered there, once', async () => {
    const node = await start();
    const subscriber = await node.subscriber('e');
    await connected(node.bridge({ ...at(), subscribe: ['e'] }));
    await remote.trigger('e', '1');
    await remote.trigger('e', '2');
    await waitFor(() => subscriber.received.length === 2, 'deliveries');
    expect(subscriber.data).toEqual(['1', '2']);
    expect(node.counted.count('remote in accepted')).toBe(2);
  });

  it('triggers there what is triggered here, one-shots as one-shots', async () => {
    const node = await start();
    await connected(node.bridge({ ...at(), trigger: ['e'] }));
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the subscription');
    await node.trigger('e', '1');
    await node.trigger('e', '2', { removeAfterSend: true });
    await waitFor(() => remote.triggers.length === 2, 'triggers');
    await node.trigger('e', '3');
    await node.trigger('other', 'x');
    await waitFor(() => remote.triggers.length === 3, 'the trigger after the one-shot');
    expect(remote.triggers).toEqual([
      { eventguid: 'e', data: '1', removeAfterSend: false },
      { eventguid: 'e', data: '2', removeAfterSend: true },
      { eventguid: 'e', data: '3', removeAfterSend: false },
    ]);
  });

  it('carries an event both ways without a loop: echoes are cut, the same from somebody else is not', async () => {
    const node = await start();
    const subscriber = await node.subscriber('e');
    await connected(node.bridge({ ...at(), subscribe: ['e'], trigger: ['e'] }));
    await waitFor(
      () => node.hub.figures().connections === 2 && node.hub.figures().subscriptions === 2,
      'both',
    );
    await node.trigger('e', 'same');
    await waitFor(() => node.counted.count('remote in echo') === 1, 'the echo');
    await remote.trigger('e', 'same');
    await waitFor(() => subscriber.received.length === 2, 'the second');
    await waitFor(() => node.counted.count('remote out loop') === 1, 'the way back cut');
    expect(subscriber.data).toEqual(['same', 'same']);
    expect(remote.triggers).toHaveLength(1);
  });

  it('waits for no echo that cannot come: after a one-shot of its own it is subscribed again at once', async () => {
    const node = await start();
    await connected(node.bridge({ ...at(), subscribe: ['e'], trigger: ['e'] }));
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the way out');
    await node.trigger('e', 'once', { removeAfterSend: true });
    await waitFor(() => remote.triggers.length === 1, 'the one-shot');
    await node.trigger('e', 'next');
    await waitFor(() => node.counted.count('remote in echo') === 2, 'both echoes');
  });

  it('triggers there later what was triggered here while the remote hub was away', async () => {
    const node = await start();
    const bridge = node.bridge({ ...at(), trigger: ['e'] });
    await connected(bridge);
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the subscription');
    await remote.close();
    await waitFor(() => !bridge.connected, 'the loss');
    for (const data of ['1', '2', '3']) await node.trigger('e', data);
    await remote.listen();
    await waitFor(() => remote.triggers.length === 3, 'triggers');
    expect(remote.triggers.map(({ data }) => data)).toEqual(['1', '2', '3']);
  });

  it('triggers there later also what came after a one-shot while the remote hub was away', async () => {
    const node = await start();
    const bridge = node.bridge({ ...at(), trigger: ['e'] });
    await connected(bridge);
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the subscription');
    await remote.close();
    await waitFor(() => !bridge.connected, 'the loss');
    await node.trigger('e', '1', { removeAfterSend: true });
    for (const data of ['2', '3']) await node.trigger('e', data);
    await remote.listen();
    await waitFor(() => remote.triggers.length === 3, 'triggers');
    expect(remote.triggers.map(({ data }) => data)).toEqual(['1', '2', '3']);
  });

  it('does not trigger there what was to go out by an earlier configuration', async () => {
    const node = await start();
    const before = node.bridge({ ...at(), trigger: ['old', 'e'] });
    await connected(before);
    await waitFor(() => node.hub.figures().subscriptions === 2, 'the subscriptions');
    await before.close();
    await node.trigger('old', 'kept');
    await connected(node.bridge({ ...at(), trigger: ['e'] }));
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the one subscription');
    await node.trigger('old', 'new');
    await node.trigger('e', 'x');
    await waitFor(() => remote.triggers.length === 1, 'the trigger');
    expect(remote.triggers.map(({ data }) => data)).toEqual(['x']);
  });

  it('does not trigger here what nobody has asked for', async () => {
    const node = await start();
    const subscriber = await node.subscriber('secret', 'e', 'order-1');
    await connected(node.bridge({ ...at(), subscribe: ['e'], subscribeOnDemand: ['order-*'] }));
    await remote.force('secret', 'forged');
    await remote.force('order-1', 'of interest');
    await remote.trigger('e', 'x');
    await waitFor(() => subscriber.received.length === 2, 'deliveries');
    expect(subscriber.data.map(String).toSorted()).toEqual(['of interest', 'x']);
    expect(node.counted.count('remote in rejected')).toBe(1);
  });

  it('goes on with the next where the remote hub ends the connection over what is too large for it', async () => {
    const node = await start();
    await connected(node.bridge({ ...at(), trigger: ['e'] }));
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the subscription');
    await node.trigger('e', 'x'.repeat(40_000));
    await node.trigger('e', 'small');
    await waitFor(() => remote.triggers.length === 1, 'the next', 8_000);
    expect(remote.triggers.map(({ data }) => data)).toEqual(['small']);
    expect(node.counted.count('remote out rejected')).toBe(1);
  }, 15_000);

  it('goes on as a new connection where the remote hub lives and does not answer', async () => {
    const node = await start();
    const bridge = node.bridge({ ...at(), trigger: ['e'] });
    await connected(bridge);
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the subscription');
    remote.taking = new Promise(() => undefined);
    await node.trigger('e', '1');
    await waitFor(() => !bridge.connected, 'the end of the link', 8_000);
    remote.taking = Promise.resolve();
    await waitFor(() => remote.triggers.length === 1, 'the trigger', 8_000);
    expect(node.log.lines.map(({ message }) => message)).toContain('remote hub does not answer');
  }, 20_000);

  it('is subscribed again soon after a delivery, which may have been a one-shot', async () => {
    const node = await start();
    const subscriber = await node.subscriber('e');
    await connected(node.bridge({ ...at(), subscribe: ['e'] }));
    await remote.trigger('e', 'once', true);
    expect(remote.subscribers('e')).toEqual([]);
    await waitFor(() => remote.subscribers('e').length === 1, 'the next subscription');
    await remote.trigger('e', 'again');
    await waitFor(() => subscriber.received.length === 2, 'both');
  });

  it('loses nothing where more is triggered here than the remote hub takes and the outbox holds', async () => {
    const node = await start();
    const eventguids = Array.from({ length: 40 }, (_, index) => `e${index}`);
    await connected(node.bridge({ ...at(), trigger: eventguids }));
    await waitFor(() => node.hub.figures().subscriptions === eventguids.length, 'the subscriptions');
    let take = (): void => undefined;
    remote.taking = new Promise((resolve) => (take = resolve));
    for (let round = 0; round < 10; round++) {
      for (const eventguid of eventguids) await node.trigger(eventguid, `${round}`.padEnd(5_000, '.'));
    }
    const closed = () => node.log.lines.filter(({ message }) => message === 'bridge closed by its hub');
    await waitFor(() => closed().some(({ fields }) => fields['reason'] === 'slow-consumer'), 'the overrun');
    take();
    const rounds = (eventguid: string) => [
      ...new Set(remote.triggers.filter((each) => each.eventguid === eventguid).map(({ data }) => data[0])),
    ];
    await waitFor(() => eventguids.every((eventguid) => rounds(eventguid).length === 10), 'all of them');
    for (const eventguid of eventguids) expect(rounds(eventguid).join('')).toBe('0123456789');
  });

  it('goes on with the next where the remote hub refuses for ever', async () => {
    const node = await start();
    remote.refused.add('no');
    await connected(node.bridge({ ...at(), trigger: ['no', 'yes'] }));
    await waitFor(() => node.hub.figures().subscriptions === 2, 'the subscriptions');
    await node.trigger('no', 'x');
    await node.trigger('yes', 'y');
    await waitFor(
      () => node.counted.count('remote out rejected') === 1 && remote.triggers.length === 1,
      'both',
    );
    expect(node.log.lines.map(({ message }) => message)).toContain('bridge message rejected');
  });

  it('delivers once in each of two clusters that bridge one hub both ways', async () => {
    const both = [await start(), await start(new MemoryCluster())];
    const subscribers = await Promise.all(both.map((node) => node.subscriber('e')));
    for (const node of both) await connected(node.bridge({ ...at(), subscribe: ['e'], trigger: ['e'] }));
    await waitFor(() => both.every((node) => node.hub.figures().subscriptions === 2), 'the ways out');
    await both[0]?.trigger('e', 'a');
    await remote.trigger('e', 'b');
    await waitFor(() => subscribers.every(({ received }) => received.length === 2), 'deliveries');
    await waitFor(() => both.every(({ counted }) => counted.count('remote out loop') >= 1), 'ways back cut');
    expect(subscribers.map(({ data }) => data.map(String).toSorted())).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(remote.triggers).toHaveLength(1);
  });

  it('breaks a loop on its way out, where what it triggers there comes back here as new', async () => {
    const node = await start();
    await connected(node.bridge({ ...at(), trigger: ['e'], maxDuplicatesPerSecond: 20 }));
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the way out');
    const isBroken = (): boolean => node.counted.count('remote out rate_limited') > 0;
    for (let rounds = 0; rounds < 100 && !isBroken(); rounds++) {
      await node.trigger('e', 'round');
      await waitFor(() => remote.triggers.length > rounds || isBroken(), 'a round');
    }
    expect(remote.triggers).toHaveLength(20);
    expect(node.log.lines.filter(({ message }) => message.startsWith('loop broken'))).toHaveLength(1);
  });

  it('breaks a loop that goes on behind two hubs without origins', async () => {
    const other = await ForeignEventHub.start();
    const node = await start();
    const limit = { maxDuplicatesPerSecond: 20 };
    await connected(node.bridge({ ...at(), name: 'there', subscribe: ['e'], ...limit }));
    await connected(
      node.bridge({ kind: 'event-hub', url: other.url, name: 'back', trigger: ['e'], ...limit }),
    );
    await waitFor(() => node.hub.figures().subscriptions === 1, 'the way out');
    // The two hubs are bridged by somebody who does not care.
    const seen = async (): Promise<void> => {
      for (let carried = 0; carried < 100; carried++) {
        await waitFor(
          () => other.triggers.length > carried || node.counted.count('there in rate_limited') > 0,
          'a round',
        );
        if (node.counted.count('there in rate_limited') > 0) return;
        await remote.trigger('e', 'round');
      }
    };
    await remote.trigger('e', 'round');
    await seen();
    expect(node.counted.count('there in accepted')).toBe(20);
    expect(node.log.lines.filter(({ message }) => message.startsWith('loop broken'))).toHaveLength(1);
    await other.close();
  });
});
