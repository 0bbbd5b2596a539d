import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** Enough for a race to show, few enough for a conformance suite. */
const ROUNDS = 25;

/** What a client may rely on that does not wait for replies. */
export function describeOrder(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  /** Its delivery proves that whatever was sent before has been delivered too, or never will be. */
  const markEnd = async (client: GatewayClient): Promise<void> => {
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'marker');
    await client.trigger(eventguid, 'end');
    await waitFor(() => client.deliveries.some((delivery) => delivery.eventguid === eventguid), 'the marker');
  };

  it('delivers a trigger that stands right behind the subscribe', async () => {
    const client = await cluster().connect();
    for (let round = 0; round < ROUNDS; round++) {
      const eventguid = randomUUID();
      await Promise.all([client.subscribe(eventguid, `c${round}`), client.trigger(eventguid, `d${round}`)]);
    }
    expect(await deliveredData(client, ROUNDS)).toEqual(
      Array.from({ length: ROUNDS }, (_, round) => `d${round}`),
    );
  });

  if (can.changesCookie) {
    it('delivers a trigger right behind a change of the cookie with the new one', async () => {
      const client = await cluster().connect();
      const eventguid = randomUUID();
      await client.subscribe(eventguid, 'first');
      for (let round = 0; round < ROUNDS; round++) {
        await Promise.all([client.subscribe(eventguid, `c${round}`), client.trigger(eventguid, `d${round}`)]);
      }
      await deliveredData(client, ROUNDS);
      expect(client.deliveries.map(({ cookie, data }) => `${cookie} ${data}`)).toEqual(
        Array.from({ length: ROUNDS }, (_, round) => `c${round} d${round}`),
      );
    });
  }

  if (can.unsubscribes) {
    it('does not deliver a trigger that stands right behind the unsubscribe', async () => {
      const client = await cluster().connect();
      const eventguids = Array.from({ length: ROUNDS }, () => randomUUID());
      for (const eventguid of eventguids) {
        await client.subscribe(eventguid, 'cookie');
        await Promise.all([client.unsubscribe(eventguid), client.trigger(eventguid, 'too late')]);
      }
      await markEnd(client);
      expect(client.deliveries.filter(({ data }) => data === 'too late')).toEqual([]);
    });
  }

  it('keeps the order of triggers, of one event and of several', async () => {
    const client = await cluster().connect();
    const eventguids = [randomUUID(), randomUUID(), randomUUID()];
    for (const eventguid of eventguids) await client.subscribe(eventguid, 'cookie');
    const data = Array.from({ length: 3 * ROUNDS }, (_, at) => `d${at}`);
    await Promise.all(data.map((text, at) => client.trigger(eventguids[at % 3] ?? '', text)));
    expect(await deliveredData(client, data.length)).toEqual(data);
  });
}
