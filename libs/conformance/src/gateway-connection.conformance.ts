import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** More than sockets buffer and an outbox holds together, with room to spare. */
const STALL_TRIGGERS = 600;
const STALL_MS = 30_000;

/** What becomes of connections that end, die, or do not read. */
export function describeConnections(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  const subscribeAll = async (eventguid: string): Promise<readonly [GatewayClient, GatewayClient]> => {
    const clients = [await cluster().connect(), await cluster().connect()] as const;
    for (const client of clients) await client.subscribe(eventguid, 'cookie');
    return clients;
  };

  it('removes the subscriptions of a client that closes', async () => {
    const eventguid = randomUUID();
    const [leaving, staying] = await subscribeAll(eventguid);
    await leaving.close();
    await cluster().untilStored(eventguid, 1);
    await staying.trigger(eventguid, 'to who is left');
    expect(await deliveredData(staying, 1)).toEqual(['to who is left']);
  });

  it('removes the subscriptions of a client whose link is cut', async () => {
    const eventguid = randomUUID();
    const [dead, staying] = await subscribeAll(eventguid);
    dead.destroy();
    await staying.trigger(eventguid, 'meanwhile');
    expect(await deliveredData(staying, 1)).toEqual(['meanwhile']);
    await cluster().untilStored(eventguid, 1);
  });

  it('counts the connections that it holds', async () => {
    const [first] = await subscribeAll(randomUUID());
    expect(cluster().hub(0).figures().connections).toBe(2);
    await first.close();
    await waitFor(() => cluster().hub(0).figures().connections === 1, 'one connection');
  });

  it('closes its connections when its node drains, and leaves those of other nodes', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await there.subscribe(eventguid, 'there');
    await cluster().hub(0).drain();
    await waitFor(() => here.closed, 'the end of the connection');
    expect(there.closed).toBe(false);
    await cluster().untilStored(eventguid, 1);
    await there.trigger(eventguid, 'to who is left');
    expect(await deliveredData(there, 1)).toEqual(['to who is left']);
  });

  it('gives each connection subscriptions of its own', async () => {
    const eventguid = randomUUID();
    const [first, second] = await subscribeAll(eventguid);
    const subscribers = (await cluster().stored(eventguid)).map(({ subscriber }) => subscriber);
    expect(new Set(subscribers).size).toBe(2);
    if (can.changesCookie) await first.subscribe(eventguid, 'of the first');
    await second.close();
    await cluster().untilStored(eventguid, 1);
    expect(first.closed).toBe(false);
  });

  it(
    'delivers to others while one client does not read, and closes that one in the end',
    async () => {
      const eventguid = randomUUID();
      const [slow, quick] = await subscribeAll(eventguid);
      // Where the stock client cannot stop reading, a link that is cut without a word holds nobody up either.
      if (slow.stall) slow.stall();
      else slow.destroy();
      const data = 'd'.repeat(cluster().hub(0).limits.dataBytes);
      let sent = 0;
      const overrun = async () => (await cluster().stored(eventguid)).length === 1;
      while (sent < STALL_TRIGGERS && !(await overrun())) {
        await quick.trigger(eventguid, data);
        await waitFor(
          () => quick.deliveries.length > sent,
          `delivery number ${sent + 1} to the quick client`,
        );
        sent++;
      }
      await cluster().untilStored(eventguid, 1);
      await waitFor(() => cluster().hub(0).figures().connections === 1, 'the end of the slow connection');
      expect(quick.deliveries).toHaveLength(sent);
    },
    STALL_MS,
  );
}
