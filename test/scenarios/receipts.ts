import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Receipt } from '@ringback/contract';
import { startOwnRedis, type RestartableRedis } from '../support/redis-servers.js';
import { World } from '../support/world.js';

const PER_NODE = 3;

/** What a trigger is told that waits for its receipt. */
export function describeReceipts(): void {
  describe('receipts, on three nodes', () => {
    let redis: RestartableRedis;
    let world: World;

    beforeEach(async () => {
      redis = await startOwnRedis();
      world = await World.start({ redisUrl: redis.url, nodes: 3, env: { RINGBACK_NODE_LEASE_MS: '15000' } });
    });
    afterEach(async () => {
      await world.close();
      await redis.close();
    });

    it('count the deliveries of all of them, and say within their time that one does not answer', async () => {
      const subscribers = (
        await Promise.all(world.nodes.map(({ url }) => world.clientsOf(PER_NODE, url)))
      ).flat();
      await Promise.all(subscribers.map((client, index) => client.subscribe('e', String(index))));

      const answer = await triggerAndWait(world.node(0).url, 'e', 5_000);
      expect(answer).toMatchObject({
        subscribers: 3 * PER_NODE,
        receipt: { delivered: 3 * PER_NODE, queued: 0, dropped: 0, complete: true },
      });
      await Promise.all(subscribers.map((client) => client.hears('e')));

      const stopped = world.node(2).stop('SIGSTOP');
      const began = performance.now();
      const late = await triggerAndWait(world.node(0).url, 'e', 1_000);
      const tookMs = performance.now() - began;
      expect(late.receipt).toEqual({ delivered: 2 * PER_NODE, queued: 0, dropped: 0, complete: false });
      expect(tookMs).toBeGreaterThan(900);
      expect(tookMs).toBeLessThan(2_500);
      world.closeClients();
      await stopped; // it is ended when it does not heed the signal
    });
  });
}

async function triggerAndWait(
  url: string,
  eventguid: string,
  timeoutMs: number,
): Promise<{ readonly subscribers: number; readonly receipt: Receipt }> {
  const path = `/v1/events/${encodeURIComponent(eventguid)}/trigger?wait=delivered&timeoutMs=${timeoutMs}`;
  const response = await fetch(url + path, { method: 'POST' });
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as { subscribers: number; receipt: Receipt };
}
