import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { CLOSE_REASONS, DEFAULT_LIMITS, METHODS, parseEventGuid } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { GatewayTestServer } from './testing/gateway-test-server.js';

const PAGE = readFileSync(new URL('../../../docs/protocol/signalr.md', import.meta.url), 'utf8');
const END = '\u001e';

/** Triggers that the event of the page has had before its first example. */
const EARLIER = 41;

/** Each call of a part of the page, and the completion that stands below it. */
function examplesOf(part: string): [call: string, reply: string][] {
  const found = part.matchAll(/^(\{"type":1,"invocationId".*)\n(\{"type":3.*)$/gm);
  return [...found].map(([, call = '', reply = '']) => [call, reply]);
}

function sectionOf(title: string): string {
  return PAGE.split(/^(?=## )/m).find((section) => section.startsWith(`## ${title}`)) ?? '';
}

describe('the protocol page', () => {
  let hub: Hub;
  let served: GatewayTestServer;
  let client: WebSocket | undefined;
  let epoch = '';

  beforeEach(async () => {
    const ports = {
      ...new MemoryCluster().node(),
      access: new OpenAccess(),
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    };
    const options = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    hub = new Hub(ports, { ...options, limits: DEFAULT_LIMITS });
    await hub.start();
    served = await GatewayTestServer.start(hub);
    const trigger = { eventguid: parseEventGuid('3f2a5c1e-order'), data: '', removeAfterSend: false };
    for (let count = 0; count < EARLIER; count++) {
      ({ epoch } = (await hub.trigger({ name: 'x' }, trigger)).position);
    }
  });

  afterEach(async () => {
    client?.terminate();
    await served.close();
    await hub.drain();
  });

  /** Everything that the hub sends, after its answer to the handshake. */
  async function connect(path: string): Promise<string[]> {
    const received: string[] = [];
    const socket = new WebSocket(served.url.replace('http', 'ws') + path);
    client = socket;
    socket.on('message', (data: Buffer) => received.push(...data.toString().split(END).filter(Boolean)));
    await waitFor(() => socket.readyState === WebSocket.OPEN, 'a connection');
    socket.send(`{"protocol":"json","version":1}${END}`);
    await waitFor(() => received.includes('{}'), 'the answer to the handshake');
    received.length = 0;
    return received;
  }

  it.each([
    ['Event hub', '/RealtimeEventPushHub', 2],
    ['Extended hub', '/hub?subscriberId=worker', 5],
    ['Errors', '/hub', 1],
  ])('has calls, on %s, that are answered as it says', async (title, path, count) => {
    const examples = examplesOf(sectionOf(title));
    expect(examples).toHaveLength(count);
    const received = await connect(path);
    const clusterId = await hub.clusterId();
    for (const [call, reply] of examples) {
      client?.send(call.replaceAll('Zk3x9', epoch) + END);
      const answer = await waitFor(() => received.find((text) => text.startsWith('{"type":3')), reply);
      received.length = 0;
      expect(answer).toBe(reply.replaceAll('Zk3x9', epoch).replaceAll('3fa94c07e1b25d886a', clusterId));
    }
  });

  it('names every method and every reason to close a connection', () => {
    for (const method of Object.values(METHODS)) expect(PAGE).toContain(`\`${method}(`);
    for (const { code, name } of Object.values(CLOSE_REASONS)) {
      if (name !== 'unauthorized') expect(PAGE).toContain(`| ${code} | \`${name}\` |`);
    }
  });
});
