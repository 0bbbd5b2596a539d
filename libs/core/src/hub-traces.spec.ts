import { beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError, parseEventGuid, type TraceContext } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import type { Relay, RelayListener } from './ports/relay.port.js';
import { RecordingTracer } from './testing/recording-tracer.js';
import { replaced } from './testing/replaced.js';
import { TestHub } from './testing/test-hub.js';

const TRACE = 'a'.repeat(32);
const sampled = { traceparent: `00-${TRACE}-${'9'.repeat(16)}-01`, tracestate: 'a=1' };
const unsampled = { traceparent: `00-${TRACE}-${'9'.repeat(16)}-00` };
const eventguid = parseEventGuid('e');

describe('the trace of a trigger', () => {
  let cluster: MemoryCluster;
  /** What travelled with each envelope. */
  let travelled: (TraceContext | undefined)[];

  beforeEach(() => {
    cluster = new MemoryCluster();
    travelled = [];
  });

  async function node(tracer?: RecordingTracer, relay: Relay = cluster.node().relay): Promise<TestHub> {
    const publish: Relay['publish'] = (trigger, receipt, trace) => {
      travelled.push(trace);
      return relay.publish(trigger, receipt, trace);
    };
    const ports = { relay: replaced(relay, { publish }), ...(tracer && { tracer }) };
    const created = new TestHub(cluster, { ports });
    await created.hub.start();
    return created;
  }

  async function subscribed(...nodes: readonly TestHub[]): Promise<void> {
    for (const each of nodes) await each.subscribe(each.connect(), 'e', 'c');
  }

  function trigger({ hub }: TestHub, trace?: TraceContext, waitMs?: number) {
    const what = { eventguid, data: 'd', removeAfterSend: false };
    return hub.trigger({ name: 'anyone' }, what, { trace, ...(waitMs !== undefined && { waitMs }) });
  }

  it('goes on in the trigger and from there in one delivery of each node, however many subscribe', async () => {
    const [here, there, idle] = ['1', '2', '3'].map((digit) => new RecordingTracer(digit));
    const [a, b] = [await node(here), await node(there)];
    await node(idle);
    await subscribed(a, a, b, b, b);
    await trigger(a, sampled);
    await waitFor(() => there!.spans[0]?.ended === 'well', 'the delivery there');
    await waitFor(() => here!.spans[1]?.ended === 'well', 'the delivery here');
    const triggered = `00-${TRACE}-${'1'.repeat(16)}-01`;
    expect(here!.spans).toMatchObject([
      { step: 'trigger', eventguid: 'e', parent: sampled.traceparent, ended: 'well' },
      { step: 'deliver', eventguid: 'e', parent: triggered },
    ]);
    expect(there!.spans).toMatchObject([{ step: 'deliver', eventguid: 'e', parent: triggered }]);
    expect(idle!.spans).toEqual([]);
    expect(travelled).toEqual([{ traceparent: triggered, tracestate: 'a=1' }]);
  });

  it('begins with the trigger where none came', async () => {
    const tracer = new RecordingTracer('1');
    await trigger(await node(tracer));
    expect(tracer.spans).toMatchObject([{ step: 'trigger', parent: undefined, ended: 'well' }]);
  });

  it('is passed on and not recorded where it is not sampled', async () => {
    const tracer = new RecordingTracer('1');
    const a = await node(tracer);
    const connection = a.connect();
    await a.subscribe(connection, 'e', 'c');
    await trigger(a, unsampled);
    await waitFor(() => connection.frames.length === 1, 'the delivery');
    expect(tracer.spans).toEqual([]);
    expect(travelled).toEqual([unsampled]);
  });

  it('is passed on where this node records none', async () => {
    await trigger(await node(new RecordingTracer('1', false)), sampled);
    expect(travelled).toEqual([sampled]);
  });

  it('does not travel where there is no tracer', async () => {
    await trigger(await node(), sampled);
    expect(travelled).toEqual([undefined]);
  });

  it('goes with a trigger that waits for its receipt', async () => {
    const tracer = new RecordingTracer('1');
    const a = await node(tracer);
    await subscribed(a);
    const { receipt } = await trigger(a, sampled, 3_000);
    expect(await receipt).toMatchObject({ delivered: 1, complete: true });
    expect(tracer.spans.map(({ step }) => step)).toEqual(['trigger', 'deliver']);
  });

  it('says with which code a trigger failed', async () => {
    const tracer = new RecordingTracer('1');
    const publish: Relay['publish'] = () => Promise.reject(new HubError('relay-unavailable'));
    const a = await node(tracer, replaced(cluster.node().relay, { publish }));
    await expect(trigger(a, sampled)).rejects.toMatchObject({ code: 'relay-unavailable' });
    expect(tracer.spans).toMatchObject([{ step: 'trigger', ended: 'relay-unavailable' }]);
  });

  it('reaches a delivery also where the history had the envelope first', async () => {
    const { relay } = cluster.node();
    let deaf = true;
    const listen = (listener: RelayListener): void =>
      relay.listen(replaced(listener, { onEnvelope: (one) => void (deaf || listener.onEnvelope(one)) }));
    const tracer = new RecordingTracer('2');
    const b = await node(tracer, replaced(relay, { listen }));
    const connection = b.connect();
    await b.subscribe(connection, 'e', 'c');
    const a = await node(new RecordingTracer('1'));
    await trigger(a, sampled);
    await trigger(a, sampled);
    await new Promise<void>((resume) => void setImmediate(resume));
    deaf = false;
    await trigger(a, sampled);
    await waitFor(() => connection.frames.length === 3, 'all deliveries');
    await waitFor(() => tracer.spans[0]?.ended === 'well', 'the end of the span');
    expect(tracer.spans).toHaveLength(1);
  });
});
