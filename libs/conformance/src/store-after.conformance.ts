import { expect, it } from '@jest/globals';
import type { Position } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';

/** A put with `after`: it continues an earlier subscription. */
export function describeContinuing(nodes: ClusterOfTwo): void {
  it('continues from the position where all that came after it is kept', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const subscription = sampleSubscription(eventguid);
    expect(await nodes.there.subscriptions.put({ ...subscription, after })).toEqual({
      subscriptionId: subscription.subscriptionId,
      since: after,
      position,
      recovered: true,
    });
    const found = await nodes.here.subscriptions.find(eventguid, subscription.subscriber);
    expect(found).toMatchObject({ ...subscription, since: after });
  });

  it('continues where nothing was missed', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const result = await nodes.here.subscriptions.put({ ...sampleSubscription(eventguid), after });
    expect(result).toMatchObject({ since: after, position: after, recovered: true });
  });

  it('begins now where the position is unknown, ahead, or from another event', async () => {
    const [eventguid, other] = [sampleEvent(), sampleEvent()];
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const elsewhere = await nodes.here.relay.publish(sampleTrigger(other));
    const unknown = [
      { epoch: 'elsewhere', offset: 0 },
      { epoch: 'elsewhere', offset: 1 },
      { epoch: position.epoch, offset: position.offset + 1 },
    ];
    if (elsewhere.position.epoch !== position.epoch) unknown.push(elsewhere.position);
    for (const after of unknown) {
      const subscription = sampleSubscription(eventguid);
      const result = await nodes.there.subscriptions.put({ ...subscription, after });
      expect(result).toMatchObject({ since: position, position, recovered: false });
      expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeDefined();
    }
  });

  it('begins now where the history does not reach back', async () => {
    await nodes.reopen({ history: { envelopes: 2, ageMs: 60_000, bytes: 1024 * 1024 } });
    const eventguid = sampleEvent();
    const positions: Position[] = [];
    for (let index = 0; index < 4; index++) {
      positions.push((await nodes.here.relay.publish(sampleTrigger(eventguid))).position);
    }
    const put = (index: number) =>
      nodes.here.subscriptions.put({ ...sampleSubscription(eventguid), after: positions[index]! });
    expect(await put(0)).toMatchObject({ since: positions[3], recovered: false });
    expect(await put(1)).toMatchObject({ since: positions[1], recovered: true });
  });

  it('stores nothing where a one-shot has come after the position', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const subscription = sampleSubscription(eventguid);
    const result = await nodes.there.subscriptions.put({ ...subscription, after });
    expect(result).toMatchObject({ since: after, recovered: true, ended: true });
    expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('is not ended by a one-shot at or before the position', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(
      sampleTrigger(eventguid, { removeAfterSend: true }),
    );
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const subscription = sampleSubscription(eventguid);
    const result = await nodes.there.subscriptions.put({ ...subscription, after });
    expect(result).toMatchObject({ since: after, recovered: true });
    expect(result.ended).toBeUndefined();
    expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeDefined();
  });

  it('is not ended by a one-shot where it begins now', async () => {
    const eventguid = sampleEvent();
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    const subscription = sampleSubscription(eventguid, { after: { epoch: 'elsewhere', offset: 0 } });
    const result = await nodes.there.subscriptions.put(subscription);
    expect(result.recovered).toBe(false);
    expect(result.ended).toBeUndefined();
    expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeDefined();
  });

  it('continues across a restart that has lost nothing', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: true });
    const result = await nodes.there.subscriptions.put({ ...sampleSubscription(eventguid), after });
    expect(result).toMatchObject({ since: after, recovered: true });
    expect(result.position.offset).toBe(2);
    const ahead = { epoch: after.epoch, offset: 3 };
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const refused = await nodes.there.subscriptions.put({ ...sampleSubscription(eventguid), after: ahead });
    expect(refused.recovered).toBe(false);
  });

  it('begins now where all was lost', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.shared.restart({ keep: false });
    const result = await nodes.there.subscriptions.put({ ...sampleSubscription(eventguid), after });
    expect(result.recovered).toBe(false);
    expect(result.since).toEqual(result.position);
  });
}
