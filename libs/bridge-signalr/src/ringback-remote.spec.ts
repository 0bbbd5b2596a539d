import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { parseEventGuid, type Envelope } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import type { RemoteDelivery } from './remote-hub.js';
import { RingbackRemote } from './ringback-remote.js';
import { CountedBridges } from './testing/counted.js';
import { ForeignRingback } from './testing/foreign-ringback.js';

describe('RingbackRemote', () => {
  const delivered: RemoteDelivery[] = [];
  let there: ForeignRingback;
  let remote: RingbackRemote;
  let log: RecordingLog;
  let counted: CountedBridges;
  let onDelivery: (delivery: RemoteDelivery) => Promise<void>;

  const open = async (): Promise<void> => {
    remote.start();
    await waitFor(() => remote.connected, 'the connection');
  };
  const envelope = (more: Partial<Envelope> = {}): Envelope => ({
    eventguid: parseEventGuid('e'),
    position: { epoch: 'x', offset: 1 },
    data: 'd',
    time: 0,
    oneShot: false,
    ...more,
  });

  beforeEach(async () => {
    delivered.length = 0;
    log = new RecordingLog();
    counted = new CountedBridges();
    there = await ForeignRingback.start();
    onDelivery = async (delivery) => void delivered.push(delivery);
    remote = new RingbackRemote(
      {
        name: 'peer',
        url: there.url,
        clusterId: 'here',
        log,
        metrics: counted,
        minDelayMs: 5,
        maxDelayMs: 20,
        serverTimeoutMs: 5_000,
      },
      {
        carries: (eventguid) => eventguid !== 'secret',
        onDelivery: (delivery) => onDelivery(delivery),
        onState: () => undefined,
      },
    );
  });
  afterEach(async () => {
    await remote.close();
    await there.close();
  });

  it('is a named subscriber of its cluster and name, resumed on connect', async () => {
    remote.subscribe('e');
    await open();
    expect(Object.fromEntries(there.queries[0] ?? [])).toMatchObject({
      subscriberId: 'bridge/here/peer',
      resume: 'on-connect',
    });
    expect(there.called('SubscribeToEvent')).toEqual([['e', 'bridge', null]]);
  });

  it('acknowledges a delivery once it was taken, and none that was not', async () => {
    let take = (): void => undefined;
    onDelivery = (delivery) =>
      new Promise((resolve) => {
        delivered.push(delivery);
        take = resolve;
      });
    await open();
    await there.deliver('e', '1', { position: 'x:1' });
    await there.deliver('e', '2', { position: 'x:2' });
    await waitFor(() => delivered.length === 1, 'the first');
    expect(there.called('Acknowledge')).toEqual([]);
    take();
    await waitFor(() => delivered.length === 2, 'the second');
    expect(there.called('Acknowledge')).toEqual([['e', 'x:1']]);
    await remote.close();
    take();
    expect(there.called('Acknowledge')).toHaveLength(1);
  });

  it('holds back what comes before it knows which cluster is there', async () => {
    let describe = (): void => undefined;
    there.describing = new Promise((resolve) => (describe = resolve));
    there.onConnected = () => void there.deliver('e', 'early', { position: 'x:1' });
    remote.start();
    await waitFor(() => there.queries.length === 1, 'the connection');
    await there.deliver('e', 'next', { position: 'x:2' });
    expect(delivered).toEqual([]);
    describe();
    await waitFor(() => delivered.length === 2, 'both');
    expect(delivered.map(({ labels }) => labels.origin)).toEqual(['there/x:1', 'there/x:2']);
  });

  it('leaves what waits when the connection is lost: it comes again', async () => {
    let take = (): void => undefined;
    onDelivery = (delivery) =>
      new Promise((resolve) => {
        delivered.push(delivery);
        take = resolve;
      });
    await open();
    await there.deliver('e', '1', { position: 'x:1' });
    await there.deliver('e', '2', { position: 'x:2' });
    await waitFor(() => delivered.length === 1, 'the first');
    there.cut();
    await waitFor(() => there.queries.length === 2 && remote.connected, 'the next connection');
    await there.deliver('f', 'after', { position: 'x:1' });
    take();
    await waitFor(() => delivered.length === 2, 'what came on the new connection');
    expect(delivered.map(({ data }) => data)).toEqual(['1', 'after']);
    expect(there.called('Acknowledge')).toEqual([]);
  });

  it('passes on labels, bytes, the origin that there is, and one-shots, after which it subscribes again from there', async () => {
    remote.subscribe('e');
    await open();
    const labels = { type: 't', contentType: 'c', source: 's', id: 'i', origin: 'far/y:7' };
    await there.deliver('e', Buffer.from([0, 255]).toString('base64'), {
      position: 'x:1',
      encoding: 'base64',
      ended: true,
      ...labels,
    });
    await waitFor(() => there.called('Acknowledge').length === 1, 'the acknowledgement');
    expect(delivered).toEqual([
      { eventguid: 'e', data: Buffer.from([0, 255]), labels, removeAfterSend: true },
    ]);
    expect(there.calls.map(([method]) => method)).toEqual([
      'SubscribeToEvent',
      'SubscribeToEvent',
      'Acknowledge',
    ]);
    expect(there.called('SubscribeToEvent')[1]).toEqual(['e', 'bridge', { after: 'x:1' }]);
  });

  it('subscribes again after a one-shot before it is acknowledged, from there however often it has to try', async () => {
    remote.subscribe('e');
    await open();
    there.failures.set('SubscribeToEvent', 'relay-unavailable: Not now.');
    await there.deliver('e', 'd', { position: 'x:1', ended: true });
    await waitFor(() => there.called('Acknowledge').length === 1, 'the acknowledgement');
    there.cut();
    await waitFor(() => there.called('SubscribeToEvent').length === 3, 'the next connection');
    expect(there.called('SubscribeToEvent').slice(1)).toEqual([
      ['e', 'bridge', { after: 'x:1' }],
      ['e', 'bridge', { after: 'x:1' }],
    ]);
  });

  it('goes back to a one-shot that came while it was away, for what was triggered since', async () => {
    there.reply = { ok: true, position: 'x:7' };
    remote.subscribe('e');
    await open();
    await there.deliver('e', 'once', { position: 'x:5', ended: true });
    await waitFor(() => there.called('Acknowledge').length === 1, 'the acknowledgement');
    expect(there.calls.slice(1)).toEqual([
      ['UnsubscribeFromEvent', 'e'],
      ['SubscribeToEvent', 'e', 'bridge', { after: 'x:5' }],
      ['Acknowledge', 'e', 'x:5'],
    ]);
  });

  it('passes over what is not to be carried, and ends the subscription to it', async () => {
    await open();
    await there.deliver('secret', 'd', { position: 'x:1' });
    await waitFor(() => there.called('UnsubscribeFromEvent').length === 1, 'the end');
    expect(there.called('Acknowledge')).toEqual([['secret', 'x:1']]);
    expect(delivered).toEqual([]);
    expect(counted.count('peer in rejected')).toBe(1);
  });

  it('triggers with origin and key, bytes as bytes, and not what comes from there', async () => {
    await open();
    const data = Uint8Array.from([0, 255]);
    expect(await remote.trigger(envelope({ data, type: 't', oneShot: true }), 'far/y:7')).toBe('accepted');
    expect(await remote.trigger(envelope(), 'there/x:1')).toBe('loop');
    const options = { type: 't', removeAfterSend: true, origin: 'far/y:7', key: 'far/y:7' };
    expect(there.called('TriggerEvent')).toEqual([['e', expect.anything(), options]]);
    expect(Buffer.from(there.called('TriggerEvent')[0]?.[1] as Uint8Array)).toEqual(Buffer.from(data));
  });

  it('tells why a trigger is refused', async () => {
    await open();
    there.failures.set('TriggerEvent', 'data-too-large: Too much.');
    await expect(remote.trigger(envelope(), 'here/x:1')).rejects.toMatchObject({ code: 'data-too-large' });
    there.failures.set('TriggerEvent', 'words of somebody else');
    await expect(remote.trigger(envelope(), 'here/x:1')).rejects.toMatchObject({ code: 'internal' });
    await remote.close();
    await expect(remote.trigger(envelope(), 'here/x:1')).rejects.toMatchObject({ code: 'closed' });
  });

  it('counts and logs what is lost there', async () => {
    remote.subscribe('e');
    await open();
    await there.deliver('e', 'd', { position: 'x:9', recovered: false });
    await waitFor(() => counted.count('peer in gap') === 1, 'the gap');
    expect(log.at('warn').map(({ message }) => message)).toContain('events of the remote hub are lost');
  });

  it('subscribes again where its subscription was ended, and not where it has ended it itself', async () => {
    remote.subscribe('e');
    await open();
    await there.send('SubscriptionEnded', 'e');
    await waitFor(() => there.called('SubscribeToEvent').length === 2, 'the next subscription');
    remote.unsubscribe('e');
    await waitFor(() => there.called('UnsubscribeFromEvent').length === 1, 'the end');
    await there.send('SubscriptionEnded', 'e');
    await there.deliver('f', 'd', { position: 'x:1' });
    await waitFor(() => delivered.length === 1, 'what came after');
    expect(there.called('SubscribeToEvent')).toHaveLength(2);
  });

  it('connects anew where another cluster answers than before', async () => {
    await open();
    await remote.verify();
    there.clusterId = 'renamed';
    await remote.verify();
    await waitFor(() => there.queries.length === 2 && remote.connected, 'the next connection');
    expect(await remote.trigger(envelope(), 'renamed/x:1')).toBe('loop');
  });

  it('drops what is no delivery, and goes on', async () => {
    await open();
    await there.send('ReceiveEventWithMeta', 7, 'bridge', 'd', { position: 'x:1' });
    await there.send('ReceiveEventWithMeta', 'e', 'bridge', 'd', null);
    await there.send('ReceiveEventWithMeta', 'e', 'bridge', 'd', { position: 'x:1', origin: 7 });
    await there.deliver('e', 'good', { position: 'x:2' });
    await waitFor(() => delivered.length === 1, 'the good one');
    expect(log.lines.filter(({ message }) => message === 'delivery not readable')).toHaveLength(3);
  });
});
