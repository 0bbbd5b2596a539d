import { expect, it } from '@jest/globals';
import type { Position } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

const TRIGGERS = 1_000;

/** The order of triggers that are published without waiting for one another. */
export function describeOrder(nodes: ClusterOfTwo): void {
  it('accepts a thousand triggers of one event in the order of the calls', async () => {
    const eventguid = sampleEvent();
    const published = Array.from({ length: TRIGGERS }, () =>
      nodes.here.relay.publish(sampleTrigger(eventguid)),
    );
    const offsets = (await Promise.all(published)).map(({ position }) => position.offset);
    expect(offsets).toEqual(Array.from({ length: TRIGGERS }, (_, index) => index + 1));
  });

  it('accepts triggers of several events of one shard in the order of the calls', async () => {
    const { relay } = nodes.here;
    const events = Array.from({ length: 50 }, () => sampleEvent());
    const shard = relay.shardOf(events[0]!);
    const together = events.filter((eventguid) => relay.shardOf(eventguid) === shard);
    const listener = RecordingListener.at(nodes.there);
    for (const eventguid of together) await nodes.there.relay.follow(eventguid);
    const triggered = Array.from({ length: TRIGGERS }, (_, index) => {
      const eventguid = together[index % together.length]!;
      return { eventguid, published: relay.publish(sampleTrigger(eventguid, { data: String(index) })) };
    });
    const positions: Position[] = [];
    for (const { published } of triggered) positions.push((await published).position);
    await waitFor(() => listener.relayed.length === TRIGGERS, 'every envelope');
    expect(listener.relayed.map(({ envelope }) => Number(envelope.data))).toEqual(
      triggered.map((_, index) => index),
    );
    expect(positions.at(-1)?.offset).toBe(Math.ceil(TRIGGERS / together.length));
  });

  it('names one shard for an event, on every node', () => {
    const eventguid = sampleEvent();
    expect(nodes.here.relay.shardOf(eventguid)).toBe(nodes.there.relay.shardOf(eventguid));
  });
}
