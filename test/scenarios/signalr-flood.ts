import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { metric, trigger } from '../support/http.js';
import { World } from '../support/world.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClients } from './signalr-client.js';

const NEGOTIATIONS = 20_000;
const SOCKETS = 10;
const BATCH = 20;
const MEBIBYTE = 1024 * 1024;

/** It grows by some 15; connections instead of records would be 4 KiB each at the least: 80. */
const MOST_GROWTH_MIB = 50;
const MOST_WAITED_MS = 5_000;

/** So small a heap that garbage is collected before it looks like growth, and that 20,000 large objects would end the process. */
const SMALL_HEAP = '--max-old-space-size=96 --max-semi-space-size=2';

/** Clients that negotiate, and then are never seen again. */
export function describeSignalRFlood(): void {
  describe('a flood of negotiations', () => {
    const clients = new SignalRClients();
    let world: World;

    beforeAll(async () => {
      world = await World.start({ nodes: 1, env: { NODE_OPTIONS: SMALL_HEAP } });
    });
    afterEach(() => clients.close());
    afterAll(() => world.close());

    it(`of which ${NEGOTIATIONS} are never opened leaves the memory of a node bounded, and others served`, async () => {
      const { url } = world.node(0);
      await flood(url, EXTENDED_HUB, 2_000); // what is loaded and compiled by the first ones is no growth
      const served = await clients.connect({ url });
      await served.subscribe('flooded', 'c');
      const before = await metric(url, 'process_resident_memory_bytes');

      const progress = { over: false };
      const flooding = flood(url, EVENT_HUB, NEGOTIATIONS).finally(() => (progress.over = true));
      let rung = 0;
      let longestMs = 0;
      while (!progress.over) {
        const began = performance.now();
        const client = await clients.connect({ url });
        await trigger(url, 'flooded', { data: `${rung++}` });
        await served.hears('flooded', rung);
        await client.close();
        longestMs = Math.max(longestMs, performance.now() - began);
      }

      expect(await flooding).toBe(NEGOTIATIONS);
      expect(rung).toBeGreaterThan(2);
      expect(longestMs).toBeLessThan(MOST_WAITED_MS);
      const growth = (await metric(url, 'process_resident_memory_bytes')) - before;
      expect(growth / MEBIBYTE).toBeLessThan(MOST_GROWTH_MIB);
    });
  });
}

/** Negotiates as often as told, over a few sockets; answers how many were granted. */
async function flood(url: string, hub: string, count: number): Promise<number> {
  const each = count / SOCKETS;
  const granted = await Promise.all(Array.from({ length: SOCKETS }, () => negotiate(url, hub, each)));
  return granted.reduce((sum, one) => sum + one, 0);
}

/** Batches of requests on one socket, each when the one before has been answered. */
async function negotiate(url: string, hub: string, count: number): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const request = `POST ${hub}/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`;
  let asked = 0;
  let granted = 0;
  let rest = '';
  const ask = (): void => {
    asked += BATCH;
    socket.write(request.repeat(BATCH));
  };
  ask();
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const parts = (rest + chunk.toString('latin1')).split('"connectionToken"');
    granted += parts.length - 1;
    rest = parts.at(-1)?.slice(-20) ?? ''; // the word may be cut in two
    if (granted === count) break;
    if (granted === asked) ask();
  }
  return granted;
}
