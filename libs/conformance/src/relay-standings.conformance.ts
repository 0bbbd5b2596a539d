import { expect, it } from '@jest/globals';
import type { EventGuid, Published } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';

/** Where events stand, and what has been heard by the time it is known. */
export function describeStandings(nodes: ClusterOfTwo): void {
  const burst = (eventguid: EventGuid, count: number): Promise<readonly Published[]> =>
    Promise.all(Array.from({ length: count }, () => nodes.here.relay.publish(sampleTrigger(eventguid))));

  const standingOf = async (eventguid: EventGuid) => (await nodes.there.relay.standings([eventguid]))[0];

  it('answers in the order of the question, undefined for events that nobody has used', async () => {
    const [first, unused, second] = [sampleEvent(), sampleEvent(), sampleEvent()];
    const { position } = await nodes.here.relay.publish(sampleTrigger(first));
    await nodes.here.relay.publish(sampleTrigger(second));
    const last = await nodes.here.relay.publish(sampleTrigger(second));
    expect(await nodes.there.relay.standings([second, unused, first])).toEqual([
      { position: last.position, epochStart: 0, cut: 0 },
      undefined,
      { position, epochStart: 0, cut: 0 },
    ]);
    expect(await nodes.there.relay.standings([])).toEqual([]);
  });

  it('answers the position of an event that has subscriptions only', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(await standingOf(eventguid)).toEqual({ position, epochStart: 0, cut: 0 });
  });

  it('answers for more events than go into one batch', async () => {
    const eventguids = Array.from({ length: 1_100 }, () => sampleEvent());
    const answers = await Promise.all(
      eventguids.map((eventguid) => nodes.here.relay.publish(sampleTrigger(eventguid))),
    );
    const standings = await nodes.there.relay.standings(eventguids);
    expect(standings.map((standing) => standing?.position)).toEqual(answers.map(({ position }) => position));
  });

  it('tells the offset of the last one-shot', async () => {
    const eventguid = sampleEvent();
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish({ ...sampleTrigger(eventguid), removeAfterSend: true });
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    expect((await standingOf(eventguid))?.cut).toBe(2);
  });

  it('has handed over all that was published before, once it answers', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    await burst(eventguid, 500);
    const standing = await standingOf(eventguid);
    expect(standing?.position.offset).toBe(500);
    expect(listener.offsets(eventguid)).toHaveLength(500);
  });

  it('never answers a position ahead of what was handed over, while others publish', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    for (let round = 0; round < 20; round++) {
      const publishing = burst(eventguid, 50);
      const offset = (await standingOf(eventguid))?.position.offset ?? 0;
      expect(listener.relayed.length).toBeGreaterThanOrEqual(offset);
      await publishing;
    }
  });

  it('answers what a restart has kept, and the start of the epoch that the next trigger opens', async () => {
    const eventguid = sampleEvent();
    const [{ position } = { position: undefined }] = await burst(eventguid, 1);
    await nodes.shared.restart({ keep: true });
    expect(await standingOf(eventguid)).toEqual({ position, epochStart: 0, cut: 0 });
    const after = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const closed = [position?.epoch];
    expect(await standingOf(eventguid)).toEqual({ position: after.position, epochStart: 1, cut: 0, closed });
  });

  it('names the epochs that positions may still be of, oldest first', async () => {
    const eventguid = sampleEvent();
    const epochs: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
      epochs.push(position.epoch);
      await nodes.shared.restart({ keep: true });
    }
    const last = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const standing = await standingOf(eventguid);
    expect(standing?.closed).toEqual(epochs);
    expect(standing?.position).toEqual(last.position);
  });

  it('answers undefined once all was lost', async () => {
    const eventguid = sampleEvent();
    await burst(eventguid, 1);
    await nodes.shared.restart({ keep: false });
    expect(await standingOf(eventguid)).toBeUndefined();
  });
}
