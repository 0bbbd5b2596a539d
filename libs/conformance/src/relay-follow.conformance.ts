import { expect, it } from '@jest/globals';
import { parseEventGuid, type Trigger } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { STRANGE_COOKIES, STRANGE_EVENTGUIDS } from './strange-texts.js';
import { waitFor } from './wait-for.js';

/** Which node hears what, when, and in which order. */
export function describeRelaying(nodes: ClusterOfTwo): void {
  it('hands an envelope to every node that follows its event', async () => {
    const eventguid = sampleEvent();
    const listeners = [RecordingListener.at(nodes.here), RecordingListener.at(nodes.there)];
    await nodes.here.relay.follow(eventguid);
    await nodes.there.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'to both' }));
    for (const listener of listeners) {
      await waitFor(() => listener.data(eventguid).length === 1, 'the envelope');
      expect(listener.data(eventguid)).toEqual(['to both']);
    }
  });

  it('hands a node nothing of the events that it does not follow', async () => {
    const [followed, other] = [sampleEvent(), sampleEvent()];
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(followed);
    await nodes.here.relay.publish(sampleTrigger(other));
    await nodes.here.relay.publish(sampleTrigger(followed));
    await waitFor(() => listener.relayed.length > 0, 'the envelope');
    expect(listener.relayed.map(({ envelope }) => envelope.eventguid)).toEqual([followed]);
  });

  it('never calls the listener inside of publish', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.follow(eventguid);
    const publishing = nodes.here.relay.publish(sampleTrigger(eventguid));
    expect(listener.relayed).toEqual([]);
    await publishing;
    await waitFor(() => listener.relayed.length === 1, 'the envelope');
  });

  it('hands over all that is published from the moment that follow resolves', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'before' }));
    await nodes.there.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'after' }));
    await waitFor(() => listener.data(eventguid).includes('after'), 'the envelope');
    expect(listener.data(eventguid)).toEqual(['after']);
  });

  it('hands over nothing once unfollow has resolved, until it is followed again', async () => {
    const [eventguid, mark] = [sampleEvent(), sampleEvent()];
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    await nodes.there.relay.follow(mark);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'perhaps' }));
    await nodes.there.relay.unfollow(eventguid);
    const heard = listener.data(eventguid).length;
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'unheard' }));
    await nodes.here.relay.publish(sampleTrigger(mark));
    await waitFor(() => listener.data(mark).length === 1, 'the mark');
    expect(listener.data(eventguid)).toHaveLength(heard);
    await nodes.there.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'heard' }));
    await waitFor(() => listener.data(eventguid).includes('heard'), 'the envelope');
    expect(listener.data(eventguid)).toHaveLength(heard + 1);
  });

  it('takes an unfollow of what is not followed', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.unfollow(eventguid);
    await nodes.here.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await waitFor(() => listener.relayed.length === 1, 'the envelope');
  });

  it('numbers the envelopes of one event without gaps and in order, whoever publishes', async () => {
    const eventguid = sampleEvent();
    const listeners = [RecordingListener.at(nodes.here), RecordingListener.at(nodes.there)];
    await nodes.here.relay.follow(eventguid);
    await nodes.there.relay.follow(eventguid);
    const publish = (index: number) =>
      (index % 2 ? nodes.here : nodes.there).relay.publish(sampleTrigger(eventguid, { data: `${index}` }));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => publish(index)));
    const offsets = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(answers.map(({ position }) => position.offset).sort((a, b) => a - b)).toEqual(offsets);
    expect(new Set(answers.map(({ position }) => position.epoch)).size).toBe(1);
    for (const listener of listeners) {
      await waitFor(() => listener.relayed.length === 100, 'all envelopes');
      expect(listener.offsets(eventguid)).toEqual(offsets);
      for (const { envelope } of listener.relayed) {
        expect(answers[Number(envelope.data)]!.position).toEqual(envelope.position);
      }
    }
  });

  it('carries everything that a trigger says', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const labels = {
      type: 'order.paid 🔔',
      contentType: 'text/plain',
      source: '/shop',
      id: 'id-1',
      origin: '3fa94c07/e:1',
    };
    const before = Date.now();
    const { position } = await nodes.here.relay.publish(
      sampleTrigger(eventguid, { ...labels, removeAfterSend: true, key: 'key' }),
    );
    await waitFor(() => listener.relayed.length === 1, 'the envelope');
    const { envelope } = listener.relayed[0]!;
    const { time, ...rest } = envelope;
    expect(rest).toEqual({ ...labels, eventguid, position, data: 'data', oneShot: true });
    expect(Math.abs(time - before)).toBeLessThan(60_000);
  });

  it('carries data of every kind byte for byte', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const texts = ['', ...STRANGE_COOKIES, '🔔'.repeat(16 * 1024)];
    const kinds: readonly Trigger['data'][] = [...texts, bytes, new Uint8Array()];
    for (const data of kinds) await nodes.here.relay.publish(sampleTrigger(eventguid, { data }));
    await waitFor(() => listener.relayed.length === kinds.length, 'all envelopes');
    expect(listener.data(eventguid).map(comparable)).toEqual(kinds.map(comparable));
  });

  it('tells strange eventguids apart', async () => {
    const listener = RecordingListener.at(nodes.there);
    const eventguids = STRANGE_EVENTGUIDS.map((text) => parseEventGuid(text));
    for (const eventguid of eventguids) await nodes.there.relay.follow(eventguid);
    for (const eventguid of eventguids) {
      const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid, { data: eventguid }));
      expect(position.offset).toBe(1);
    }
    await waitFor(() => listener.relayed.length === eventguids.length, 'all envelopes');
    for (const eventguid of eventguids) expect(listener.data(eventguid)).toEqual([eventguid]);
  });
}

function comparable(data: unknown): unknown {
  return data instanceof Uint8Array ? { bytes: [...data] } : data;
}
