import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleEvent, sampleTrigger, takeSession } from './port-samples.js';

/** Which events a session holds, as subscriptions come and go. */
export function describeSessionEvents(nodes: ClusterOfTwo): void {
  const eventsOf = async (subscriber: string): Promise<readonly EventGuid[]> => {
    const { events } = (await nodes.there.sessions.find(subscriber))!;
    return events.map(({ eventguid }) => eventguid);
  };

  const cut = (eventguid: EventGuid) =>
    nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));

  it('holds what is put, until it is removed', async () => {
    const session = await takeSession(nodes.here);
    const [gone, stays] = [sampleEvent(), sampleEvent()];
    for (const eventguid of [gone, stays, stays]) {
      await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    }
    expect([...(await eventsOf(session.subscriber))].sort()).toEqual([gone, stays].sort());
    await nodes.here.subscriptions.remove(gone, session.subscriber);
    expect(await eventsOf(session.subscriber)).toEqual([stays]);
  });

  it('holds nothing that another session holds', async () => {
    const [mine, other] = [await takeSession(nodes.here), await takeSession(nodes.here)];
    await nodes.here.subscriptions.put(namedSubscription(other, sampleEvent()));
    expect(await eventsOf(mine.subscriber)).toEqual([]);
  });

  it('holds what a cut has ended until it is settled', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const { position } = await cut(eventguid);
    await nodes.here.subscriptions.forget(eventguid, session.subscriber);
    expect(await eventsOf(session.subscriber)).toEqual([eventguid]);
    await nodes.here.subscriptions.settle(eventguid, session.subscriber, position);
    expect(await eventsOf(session.subscriber)).toEqual([]);
  });

  it('holds what was put again after a cut, although the cut is settled', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const { position } = await cut(eventguid);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.subscriptions.settle(eventguid, session.subscriber, position);
    await nodes.here.subscriptions.forget(eventguid, session.subscriber);
    expect(await eventsOf(session.subscriber)).toEqual([eventguid]);
  });

  it('does not hold what a put found ended', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await cut(eventguid);
    const result = await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { after }));
    expect(result.ended).toBe(true);
    expect(await eventsOf(session.subscriber)).toEqual([]);
  });

  it('begins a new subscription with nothing acknowledged', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    const { position } = await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.sessions.acknowledge(session, new Map([[eventguid, position]]));
    await nodes.here.subscriptions.remove(eventguid, session.subscriber);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    expect((await nodes.there.sessions.find(session.subscriber))!.events).toEqual([{ eventguid }]);
  });
}
