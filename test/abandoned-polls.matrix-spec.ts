import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { connect, type Socket } from 'node:net';
import { metric, trigger } from './support/http.js';
import { World } from './support/world.js';

const POLLS = 1_500;
const AT_A_TIME = 50;
const HEAP_MIB = 1_024;
const TRIGGERS = 20;
/** Of the outboxes and their budget; see docs/operations.md. */
const MOST_OVER = 17 / 16;

const RECORD_END = '\u001e';

async function send(url: string, method: 'GET' | 'POST', body?: string): Promise<string> {
  const answer = await fetch(url, { method, ...(body !== undefined && { body }) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.text();
}

/** Subscribes over long polling of Engine.IO. Answers where it would poll. */
async function socketIoPoller(url: string): Promise<string> {
  const endpoint = `${url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await send(endpoint, 'GET')).slice(1)) as { sid: string };
  const poll = `${endpoint}&sid=${sid}`;
  await send(poll, 'POST', '40');
  await send(poll, 'GET');
  await send(poll, 'POST', '420["SubscribeToEvent","flood","c"]');
  expect(await send(poll, 'GET')).toContain('"ok":true');
  return poll;
}

/** The same over long polling of SignalR. */
async function signalRPoller(url: string): Promise<string> {
  const negotiated = await send(`${url}/hub/negotiate?negotiateVersion=1`, 'POST', '');
  const { connectionToken } = JSON.parse(negotiated) as { connectionToken: string };
  const poll = `${url}/hub?id=${encodeURIComponent(connectionToken)}`;
  await send(poll, 'GET');
  await send(poll, 'POST', `{"protocol":"json","version":1}${RECORD_END}`);
  await send(poll, 'GET');
  const invocation = {
    type: 1,
    invocationId: '1',
    target: 'SubscribeToEvent',
    arguments: ['flood', 'c', null],
  };
  await send(poll, 'POST', JSON.stringify(invocation) + RECORD_END);
  expect(await send(poll, 'GET')).toContain('"ok":true');
  return poll;
}

/** A poll whose answer nobody reads. */
function leaveUnread(poll: string): Socket {
  const { port, pathname, search } = new URL(poll);
  const socket = connect(Number(port), '127.0.0.1', () => {
    socket.pause();
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
  socket.on('error', () => undefined);
  return socket;
}

/** What waits for all together. Data that waits for many is counted for each, though it is there once: it cannot be more than what the process holds. */
async function waitingBytes(url: string): Promise<number> {
  const [outboxes, heap, external] = [
    await metric(url, 'ringback_outbox_bytes'),
    await metric(url, 'nodejs_heap_size_used_bytes'),
    await metric(url, 'nodejs_external_memory_bytes'),
  ];
  return Math.min(outboxes, heap + external);
}

describe.each([
  ['Socket.IO', socketIoPoller],
  ['SignalR', signalRPoller],
])('1,500 polls of %s that are abandoned, with 1 GiB of heap', (_, subscribe) => {
  let world: World;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    world = await World.start({ nodes: 1, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` } });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await world.close();
  });

  it.each([
    ['never come back', false],
    ['are never read', true],
  ])(
    'end nobody when they %s: what waits stays within the budget, and the others have everything',
    async (__, unread) => {
      const { url } = world.node(0);
      const witness = await world.client(url);
      await witness.subscribe('flood', 'w');
      for (let count = 0; count < POLLS; count += AT_A_TIME) {
        const polls = await Promise.all(Array.from({ length: AT_A_TIME }, () => subscribe(url)));
        if (unread) sockets.push(...polls.map(leaveUnread));
      }

      const budget = await metric(url, 'ringback_outbox_budget_bytes');
      expect(budget).toBeGreaterThan((HEAP_MIB * 2 ** 20) / 5);
      for (let count = 1; count <= TRIGGERS; count++) {
        await trigger(url, 'flood', { data: 'd'.repeat(60_000) });
        await waitFor(() => witness.of('flood').length === count, 'the delivery to the others', 30_000);
        await waitFor(
          async () => (await waitingBytes(url)) < budget * MOST_OVER,
          'what waits to be within the budget',
        );
      }
      expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    },
  );
});
