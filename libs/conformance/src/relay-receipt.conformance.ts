import { expect, it } from '@jest/globals';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

const RECEIPT = { nodeId: 'node-{asking} ü', receiptId: 'receipt-1' };

const TRACE = {
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  tracestate: 'vendor=a b,other=2',
};

/** What travels beside an envelope: whom a publish asks what became of it, and which trace it belongs to. */
export function describeReceipts(nodes: ClusterOfTwo): void {
  it('hands the request to every node that follows, with the envelope', async () => {
    const eventguid = sampleEvent();
    const listeners = [RecordingListener.at(nodes.here), RecordingListener.at(nodes.there)];
    await nodes.here.relay.follow(eventguid);
    await nodes.there.relay.follow(eventguid);
    const labels = { type: 'type', contentType: 'text/plain', source: 'source', id: 'id', origin: 'o/e:1' };
    const published = await nodes.here.relay.publish(sampleTrigger(eventguid, labels), RECEIPT);
    expect(published.nodes).toBe(2);
    for (const listener of listeners) {
      await waitFor(() => listener.relayed.length === 1, 'the envelope');
      expect(listener.relayed).toMatchObject([
        { receipt: RECEIPT, envelope: { ...labels, data: 'data', position: published.position } },
      ]);
    }
  });

  it('carries a request with data of every kind', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const kinds = ['', '🔔', bytes, new Uint8Array()];
    for (const data of kinds) await nodes.here.relay.publish(sampleTrigger(eventguid, { data }), RECEIPT);
    await waitFor(() => listener.relayed.length === kinds.length, 'all envelopes');
    expect(listener.data(eventguid).map((data) => Buffer.from(data as string | Uint8Array))).toEqual(
      kinds.map((data) => Buffer.from(data as string)),
    );
    for (const { receipt } of listener.relayed) expect(receipt).toEqual(RECEIPT);
  });

  it.each([
    ['alone', undefined],
    ['with a request', RECEIPT],
  ])('hands the trace over %s', async (_name, receipt) => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid), receipt, TRACE);
    await waitFor(() => listener.relayed.length === 2, 'both envelopes');
    const { receipt: asked, trace, ...kept } = listener.relayed[1]!;
    expect([listener.relayed[0]!.trace, trace, asked]).toEqual([undefined, TRACE, receipt]);
    expect(await nodes.there.relay.since(eventguid, position)).toEqual([kept]);
  });

  it('asks nobody where no receipt is wanted', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await waitFor(() => listener.relayed.length === 1, 'the envelope');
    expect(listener.relayed[0]!.receipt).toBeUndefined();
  });

  it('keeps no request in the history', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }), RECEIPT);
    await waitFor(() => listener.relayed.length === 2, 'both envelopes');
    const { receipt, ...kept } = listener.relayed[1]!;
    expect(receipt).toEqual(RECEIPT);
    expect(await nodes.there.relay.since(eventguid, position)).toEqual([kept]);
    const { items } = await nodes.there.relay.history(eventguid, { limit: 10 });
    expect(items.at(-1)).toEqual(kept.envelope);
  });

  it('asks nobody again by the repeat of a key', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    const keyed = sampleTrigger(eventguid, { key: 'key' });
    const first = await nodes.here.relay.publish(keyed, RECEIPT);
    const again = await nodes.here.relay.publish(keyed, { ...RECEIPT, receiptId: 'receipt-2' });
    expect(again).toEqual(first);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { data: 'mark' }));
    await waitFor(() => listener.data(eventguid).includes('mark'), 'the mark');
    expect(listener.relayed.map(({ receipt }) => receipt)).toEqual([RECEIPT, undefined]);
  });
}
