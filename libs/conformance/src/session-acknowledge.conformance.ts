import { expect, it } from '@jest/globals';
import type { EventGuid, Position } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleClaim, sampleEvent, takeSession } from './port-samples.js';

/** How far a session has come in its events. */
export function describeAcknowledging(nodes: ClusterOfTwo): void {
  const subscribed = async (eventguid: EventGuid) => {
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    return session;
  };

  const acknowledged = async (subscriber: string): Promise<readonly (Position | undefined)[]> => {
    const { events } = (await nodes.there.sessions.find(subscriber))!;
    return events.map((event) => event.acknowledged);
  };

  it('never goes back within an epoch', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    expect(await acknowledged(session.subscriber)).toEqual([undefined]);
    for (const offset of [3, 10, 9]) {
      const positions = new Map([[eventguid, { epoch: 'epoch', offset }]]);
      expect(await nodes.here.sessions.acknowledge(session, positions)).toBe(true);
    }
    expect(await acknowledged(session.subscriber)).toEqual([{ epoch: 'epoch', offset: 10 }]);
  });

  it('goes on from a position of another epoch', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    for (const position of [
      { epoch: 'old', offset: 9 },
      { epoch: 'new', offset: 2 },
    ]) {
      await nodes.here.sessions.acknowledge(session, new Map([[eventguid, position]]));
    }
    expect(await acknowledged(session.subscriber)).toEqual([{ epoch: 'new', offset: 2 }]);
  });

  it('notes nothing from an older generation', async () => {
    const eventguid = sampleEvent();
    const old = await subscribed(eventguid);
    const present = await takeSession(nodes.there, { subscriber: old.subscriber });
    const position = (offset: number) => new Map([[eventguid, { epoch: 'epoch', offset }]]);
    expect(await nodes.here.sessions.acknowledge(old, position(5))).toBe(false);
    expect(await acknowledged(old.subscriber)).toEqual([undefined]);
    expect(await nodes.there.sessions.acknowledge(present, position(4))).toBe(true);
    expect(await acknowledged(old.subscriber)).toEqual([{ epoch: 'epoch', offset: 4 }]);
  });

  it('notes nothing where there is no session', async () => {
    const { subscriber } = sampleClaim();
    const positions = new Map([[sampleEvent(), { epoch: 'epoch', offset: 1 }]]);
    expect(await nodes.here.sessions.acknowledge({ subscriber, generation: 1 }, positions)).toBe(false);
    expect(await nodes.here.sessions.find(subscriber)).toBeUndefined();
  });

  it('leaves out the events that the session does not hold', async () => {
    const [held, other] = [sampleEvent(), sampleEvent()];
    const session = await subscribed(held);
    const position = { epoch: 'epoch', offset: 1 };
    const positions = new Map([
      [other, position],
      [held, position],
    ]);
    expect(await nodes.here.sessions.acknowledge(session, positions)).toBe(true);
    await nodes.here.subscriptions.put(namedSubscription(session, other));
    const { events } = (await nodes.there.sessions.find(session.subscriber))!;
    expect(events).toHaveLength(2);
    expect(events).toEqual(
      expect.arrayContaining([{ eventguid: held, acknowledged: position }, { eventguid: other }]),
    );
  });

  it('takes many events at once, and none', async () => {
    const session = await takeSession(nodes.here);
    const eventguids = Array.from({ length: 300 }, sampleEvent);
    await Promise.all(
      eventguids.map((eventguid) => nodes.here.subscriptions.put(namedSubscription(session, eventguid))),
    );
    const positions = new Map(
      eventguids.map((eventguid, offset): [EventGuid, Position] => [eventguid, { epoch: 'epoch', offset }]),
    );
    expect(await nodes.here.sessions.acknowledge(session, positions)).toBe(true);
    expect(await nodes.here.sessions.acknowledge(session, new Map())).toBe(true);
    const { events } = (await nodes.there.sessions.find(session.subscriber))!;
    expect(new Map(events.map((event) => [event.eventguid, event.acknowledged]))).toEqual(positions);
  });
}
