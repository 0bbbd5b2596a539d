import { HttpTransportType } from '@microsoft/signalr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS, parseEventGuid } from '@ringback/contract';
import { Hub, type Relay } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import { setTimeout as passed } from 'node:timers/promises';
import { GatewayTestServer } from './testing/gateway-test-server.js';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;

describe('a client that leaves', () => {
  let hub: Hub;
  let served: GatewayTestServer;

  beforeEach(async () => {
    const node = new MemoryCluster().node();
    const outside = {
      access: new OpenAccess(),
      clock: new SystemClock(),
      metrics: new CountingMetrics(),
      log: new RecordingLog(),
    };
    const options = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    const limits = { ...DEFAULT_LIMITS, commandsPerConnection: 2 };
    hub = new Hub({ ...node, ...outside, relay: slow(node.relay) }, { ...options, limits });
    await hub.start();
    served = await GatewayTestServer.start(hub);
  });

  afterEach(async () => {
    await served.close();
    await hub.drain();
  });

  /** Takes a while for each trigger, so that some wait. */
  function slow(relay: Relay): Relay {
    const publish: Relay['publish'] = async (...args) => {
      await passed(5);
      return relay.publish(...args);
    };
    return new Proxy(relay, {
      get: (all, name: keyof Relay) => (name === 'publish' ? publish : bound(all, name)),
    });
  }

  function bound(relay: Relay, name: keyof Relay): unknown {
    const value: unknown = relay[name];
    return typeof value === 'function' ? value.bind(relay) : value;
  }

  async function kept(): Promise<unknown[]> {
    const { items } = await hub.operator.history({ name: 'x' }, parseEventGuid('guid'), { limit: 100 });
    return items.map(({ data }) => data);
  }

  it.each([
    ['WebSockets', WebSockets],
    ['ServerSentEvents', ServerSentEvents],
    ['LongPolling', LongPolling],
  ])('has sent what it sent before, and is gone at once: %s', async (_, transport) => {
    const client = served.client({ target: '/RealtimeEventPushHub', transport });
    await client.start();
    const texts = Array.from({ length: 20 }, (_each, index) => `text ${index}`);
    await Promise.all(texts.map((text) => client.send('TriggerEvent', 'guid', text, false)));
    await client.stop();
    await waitFor(() => hub.figures().connections === 0, 'its end');
    await waitFor(async () => (await kept()).length >= 20, 'all triggers');
    expect(await kept()).toHaveLength(texts.length);
    expect(new Set(await kept())).toEqual(new Set(texts));
  });
});
