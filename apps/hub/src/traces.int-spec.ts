import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { openTracing } from '@ringback/opentelemetry';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import { TraceCollector } from '../../../test/support/trace-collector.js';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const never = new Promise<void>(() => {});
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CLIENT_SPAN = 'b7ad6b7169203331';
const SPANS_WITHIN_MS = 20_000;

describe('two nodes on one Redis that record traces', () => {
  const log = new RecordingLog();
  const collector = new TraceCollector();
  const sockets: Socket[] = [];
  /** By the data of each. */
  const delivered: string[] = [];
  let directory: string;
  let redis: RedisProcess;
  let a: HubNode;
  let b: HubNode;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringback-traces-'));
    redis = new RedisProcess(directory, await freePort());
    await Promise.all([redis.start(), collector.start()]);
    [a, b] = await Promise.all([start('a'), start('b')]);
    for (const node of [a, b, b]) await subscribe(node.url);
  });

  beforeEach(() => {
    collector.spans.length = 0;
    delivered.length = 0;
  });

  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await Promise.all([a.stop(never), b.stop(never)]);
    await Promise.all([redis.kill(), collector.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  async function start(nodeId: string): Promise<HubNode> {
    const environment = {
      PORT: '0',
      RINGBACK_NODE_ID: nodeId,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      RINGBACK_REDIS_PREFIX: 'spec',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: 'bells',
    };
    const tracing = await openTracing(environment, { nodeId, version: '1.2.3' }, log);
    return HubNode.start(readConfig(environment), log, tracing);
  }

  async function subscribe(url: string): Promise<void> {
    const socket = io(url, { reconnection: false, forceNew: true });
    sockets.push(socket);
    socket.on('ReceiveEvent', (_eventguid: string, _cookie: string, data: string) => delivered.push(data));
    await socket.emitWithAck('SubscribeToEvent', 'e', 'c');
  }

  async function trigger(data: string, headers: Record<string, string>): Promise<void> {
    const { status } = await fetch(`${a.url}/v1/events/e/trigger`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...headers },
      body: data,
    });
    expect(status).toBe(202);
    await waitFor(() => delivered.length === 3, 'the deliveries', SPANS_WITHIN_MS);
  }

  it('make one trace of a trigger that comes with one, and of its delivery on each of them', async () => {
    await trigger('secret', { traceparent: `00-${TRACE}-${CLIENT_SPAN}-01`, tracestate: 'a=1' });
    await waitFor(() => collector.spans.length === 3, 'the spans', SPANS_WITHIN_MS);
    const triggered = collector.spans.find(({ name }) => name === 'trigger');
    const ofTrace = { traceId: TRACE, traceState: 'a=1', attributes: { 'ringback.eventguid': 'e' } };
    expect(triggered).toMatchObject({ ...ofTrace, node: 'a', service: 'bells', parentSpanId: CLIENT_SPAN });
    const deliveries = collector.spans.filter(({ name }) => name === 'deliver');
    const parentSpanId = triggered?.spanId;
    expect(deliveries.toSorted((one, other) => one.node.localeCompare(other.node))).toMatchObject([
      { ...ofTrace, node: 'a', parentSpanId },
      { ...ofTrace, node: 'b', parentSpanId },
    ]);
    for (const { attributes } of collector.spans) expect(Object.keys(attributes)).toHaveLength(1);
    expect(collector.received.join()).not.toContain('secret');
  });

  it('record nothing of a trace that is not sampled', async () => {
    await trigger('unsampled', { traceparent: `00-${TRACE}-${CLIENT_SPAN}-00` });
    delivered.length = 0;
    await trigger('mark', { traceparent: `00-${'f'.repeat(32)}-${CLIENT_SPAN}-01` });
    await waitFor(() => collector.spans.length >= 3, 'the spans of the mark', SPANS_WITHIN_MS);
    expect(collector.spans.map(({ traceId }) => traceId)).toEqual(Array(3).fill('f'.repeat(32)));
  });

  it('begin a trace with a trigger that comes without a valid one', async () => {
    await trigger('new', { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` });
    await waitFor(() => collector.spans.length === 3, 'the spans', SPANS_WITHIN_MS);
    const [traceId, ...others] = new Set(collector.spans.map((span) => span.traceId));
    expect(others).toEqual([]);
    expect(traceId).not.toBe(TRACE);
  });
});
