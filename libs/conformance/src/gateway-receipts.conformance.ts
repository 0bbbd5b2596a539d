import { expect, it } from '@jest/globals';
import { RECEIPT_TIMEOUT, type Receipt } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities } from './gateway-harness.js';
import { refusals } from './gateway-refusal.js';

/** More than sockets buffer and an outbox holds together, with room to spare. */
const STALL_TRIGGERS = 600;
const STALL_MS = 30_000;

const WAIT = { wait: 'delivered' } as const;

/** What whoever triggers is told of what became of it. */
export function describeReceipts(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  it('counts the deliveries of all nodes', async () => {
    const eventguid = randomUUID();
    const clients = [await cluster().connect(0), await cluster().connect(1), await cluster().connect(1)];
    for (const client of clients) await client.subscribe(eventguid, 'cookie');
    const other = await cluster().connect(0);
    const { receipt } = await other.trigger(eventguid, 'data', WAIT);
    expect(onTheirWay(receipt)).toBe(3);
    for (const client of clients) expect(await deliveredData(client, 1)).toEqual(['data']);
  });

  it('counts nothing where nobody is subscribed', async () => {
    const client = await cluster().connect();
    const { receipt } = await client.trigger(randomUUID(), 'to nobody', WAIT);
    expect(receipt).toEqual({ delivered: 0, queued: 0, dropped: 0, complete: true });
  });

  it('counts the deliveries of a one-shot, and says nothing of itself where it was not asked', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    for (const client of [here, there]) await client.subscribe(eventguid, 'cookie');
    expect(await here.trigger(eventguid, 'unasked')).not.toHaveProperty('receipt');
    const options = { ...WAIT, removeAfterSend: true, timeoutMs: RECEIPT_TIMEOUT.mostMs };
    const { receipt } = await here.trigger(eventguid, 'one-shot', options);
    expect(onTheirWay(receipt)).toBe(2);
  });

  it('gives each of many triggers its own', async () => {
    const clients = [await cluster().connect(0), await cluster().connect(1)];
    const [one, two] = [randomUUID(), randomUUID()];
    for (const client of clients) await client.subscribe(two, 'cookie');
    await clients[0]?.subscribe(one, 'cookie');
    const other = await cluster().connect(1);
    const rounds = Array.from({ length: 20 }, (_, index) => (index % 2 ? two : one));
    const answers = await Promise.all(
      rounds.map((eventguid) => other.trigger(eventguid, 'data', { ...WAIT, timeoutMs: 3_000 })),
    );
    expect(answers.map(({ receipt }) => onTheirWay(receipt))).toEqual(
      rounds.map((eventguid) => (eventguid === two ? 2 : 1)),
    );
  });

  it(
    'does not count as delivered what waits for a client that does not read',
    async () => {
      const eventguid = randomUUID();
      const [slow, quick] = [await cluster().connect(), await cluster().connect(1)];
      for (const client of [slow, quick]) await client.subscribe(eventguid, 'cookie');
      expect(onTheirWay((await quick.trigger(eventguid, 'read by both', WAIT)).receipt)).toBe(2);
      // Where the stock client cannot stop reading, a link that is cut without a word gets nothing delivered either.
      if (slow.stall) slow.stall();
      else slow.destroy();
      const data = 'd'.repeat(cluster().hub(0).limits.dataBytes);
      let receipt: Receipt | undefined;
      for (let sent = 0; sent < STALL_TRIGGERS && (receipt?.delivered ?? 2) === 2; sent++) {
        ({ receipt } = await quick.trigger(eventguid, data, WAIT));
      }
      expect(receipt?.delivered).toBeLessThan(2);
      if (slow.stall) expect(receipt).toEqual({ delivered: 1, queued: 1, dropped: 0, complete: true });
    },
    STALL_MS,
  );

  it('refuses another wait, and times out of bounds', async () => {
    const expectRefused = refusals(can);
    const eventguid = randomUUID();
    const client = await cluster().connect();
    for (const timeoutMs of [0, -1, RECEIPT_TIMEOUT.mostMs + 1]) {
      await expectRefused(client.trigger(eventguid, 'data', { ...WAIT, timeoutMs }), 'bad-request');
    }
    await expectRefused(client.trigger(eventguid, 'data', { wait: 'read' }), 'bad-request');
    await expectRefused(client.trigger(eventguid, 'data', { timeoutMs: 5 }), 'bad-request');
    await client.subscribe(eventguid, 'cookie');
    await client.trigger(eventguid, 'accepted');
    expect(await deliveredData(client, 1)).toEqual(['accepted']);
  });

  if (can.named) {
    it('does not count a named subscriber who is away', async () => {
      const [eventguid, subscriberId] = [randomUUID(), `worker ${randomUUID()}`];
      const named = await cluster().connect(0, { subscriberId });
      await named.subscribe(eventguid, 'cookie');
      await named.close();
      await cluster().untilAway(subscriberId);
      const other = await cluster().connect(1);
      await other.subscribe(eventguid, 'cookie');
      const { receipt, subscribers } = await other.trigger(eventguid, 'data', WAIT);
      expect(onTheirWay(receipt)).toBe(1);
      if (can.positions) expect(subscribers).toBe(2);
    });
  }
}

/** Deliveries that a receipt counts, all of them reported and none lost. Where clients poll, one may wait for the next poll. */
function onTheirWay(receipt: Receipt | undefined): number | undefined {
  expect(receipt).toMatchObject({ dropped: 0, complete: true });
  return receipt && receipt.delivered + receipt.queued;
}
