import { expect, it } from '@jest/globals';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

/** How many closed epochs are remembered. */
const KEPT_EPOCHS = 4;

/** What a restart of what is shared does to positions. */
export function describeEpochs(nodes: ClusterOfTwo): void {
  it('opens a new epoch after a restart, and goes on counting', async () => {
    const eventguid = sampleEvent();
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const before = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: true });
    const after = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const next = await nodes.there.relay.publish(sampleTrigger(eventguid));
    expect(after.position.offset).toBe(3);
    expect(after.position.epoch).not.toBe(before.position.epoch);
    expect(next.position).toEqual({ epoch: after.position.epoch, offset: 4 });
  });

  it('recovers across a restart that has lost nothing', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'seen' }));
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'old' }));
    await nodes.shared.restart({ keep: true });
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'new' }));
    const missed = await nodes.there.relay.since(eventguid, position);
    expect(missed).toMatchObject([
      { envelope: { data: 'old' }, epochStart: 0 },
      { envelope: { data: 'new' }, epochStart: 2 },
    ]);
  });

  it('recovers after a restart before anybody has triggered', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'seen' }));
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'old' }));
    await nodes.shared.restart({ keep: true });
    expect(await nodes.there.relay.since(eventguid, position)).toMatchObject([{ envelope: { data: 'old' } }]);
  });

  it('relays with each envelope the offset at which its epoch opened', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: true });
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await waitFor(() => listener.relayed.length === 3, 'all envelopes');
    expect(listener.relayed.map(({ epochStart }) => epochStart)).toEqual([0, 1, 1]);
    expect(listener.offsets(eventguid)).toEqual([1, 2, 3]);
  });

  it('answers lost to a position behind the end of its closed epoch', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: true });
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const ahead = { epoch: position.epoch, offset: position.offset + 1 };
    expect(await nodes.here.relay.since(eventguid, ahead)).toBe('lost');
  });

  it('opens the new epoch for a subscription too', async () => {
    const eventguid = sampleEvent();
    const before = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: true });
    const { position } = await nodes.there.subscriptions.put(sampleSubscription(eventguid));
    expect(position.offset).toBe(before.position.offset);
    expect(position.epoch).not.toBe(before.position.epoch);
    const after = await nodes.here.relay.publish(sampleTrigger(eventguid));
    expect(after.position.epoch).toBe(position.epoch);
  });

  it(`remembers the last ${KEPT_EPOCHS} epochs at most`, async () => {
    const eventguid = sampleEvent();
    const { position: oldest } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    for (let restarts = 0; restarts <= KEPT_EPOCHS; restarts++) {
      await nodes.shared.restart({ keep: true });
      await nodes.here.relay.publish(sampleTrigger(eventguid));
    }
    expect(await nodes.here.relay.since(eventguid, oldest)).toBe('lost');
  });

  it('answers lost to every position from before all was lost', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: false });
    expect(await nodes.here.relay.since(eventguid, position)).toBe('lost');
    const after = await nodes.here.relay.publish(sampleTrigger(eventguid));
    expect(after.position.epoch).not.toBe(position.epoch);
    expect(await nodes.here.relay.since(eventguid, position)).toBe('lost');
  });
}
