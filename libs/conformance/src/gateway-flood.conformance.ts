import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** More than the window, and than a turn. */
const MANY = 1_000;

/** What becomes of clients that send more than their share, and of the others meanwhile. */
export function describeFlood(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  const eventguids = Array.from({ length: 20 }, () => randomUUID());
  const eventguidOf = (index: number): string => eventguids[index % eventguids.length] ?? '';

  if (can.changesCookie) {
    it.each([250, MANY])(
      'takes %i subscribes that a client sends at once, and refuses none',
      async (count) => {
        const client = await cluster().connect();
        const replies = Array.from({ length: count }, (_, index) =>
          client.subscribe(eventguidOf(index), `c${index}`),
        );
        await Promise.all(replies);
        for (const eventguid of eventguids) await cluster().untilStored(eventguid, 1);
        expect(client.closed).toBe(false);
      },
    );
  }

  it('serves the others while a client sends more than its share', async () => {
    const [client, other] = [await cluster().connect(), await cluster().connect()];
    let answered = 0;
    const flood = Array.from({ length: MANY }, (_, index) =>
      client.subscribe(eventguidOf(index), 'cookie').finally(() => (answered += 1)),
    );
    await other.subscribe(randomUUID(), 'cookie');
    expect(answered).toBeLessThan(MANY);
    await Promise.all(flood);
    expect(client.closed).toBe(false);
  });

  it('closes a client that sends invalid commands again and again, and serves the others', async () => {
    const [client, other] = [await cluster().connect(), await cluster().connect()];
    const { invalidCommands } = cluster().hub(0).limits;
    const replies = Array.from({ length: invalidCommands }, () => client.subscribe('', 'cookie'));
    await Promise.allSettled(replies);
    await waitFor(() => client.closed, 'the end of the connection');
    if (client.closedFor !== undefined) expect(client.closedFor).toBe('too-many-invalid-commands');
    await other.subscribe(randomUUID(), 'cookie');
    expect(other.closed).toBe(false);
  });
}
