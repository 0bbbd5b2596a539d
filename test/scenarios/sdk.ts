import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type Delivery, type RingbackClient } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { trigger } from '../support/http.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { World } from '../support/world.js';

/** The SDK against real nodes, through the load balancer. */
export function describeSdk(world: () => World): void {
  describe('the SDK', () => {
    const clients: RingbackClient[] = [];

    const connected = async (url = world().url): Promise<RingbackClient> => {
      const client = await connect({ url, minDelayMs: 10, maxDelayMs: 50 });
      clients.push(client);
      return client;
    };

    afterEach(() => {
      for (const client of clients.splice(0)) client.close();
    });

    it('subscribes, triggers and is rung back', async () => {
      const [one, two] = [await connected(), await connected()];
      const deliveries: Delivery[] = [];
      const subscription = await one.subscribe(
        'sdk',
        'my cookie',
        (delivery) => void deliveries.push(delivery),
      );

      expect(await two.trigger('sdk', { n: 1 }, { type: 'greeting' })).toMatchObject({ subscribers: 1 });
      await waitFor(() => deliveries.length === 1);
      expect(deliveries[0]).toMatchObject({
        eventguid: 'sdk',
        cookie: 'my cookie',
        data: '{"n":1}',
        type: 'greeting',
      });

      await subscription.unsubscribe();
      expect(await two.trigger('sdk')).toMatchObject({ subscribers: 0 });
      await expect(one.subscribe('', 'c', () => undefined)).rejects.toMatchObject({ code: 'bad-eventguid' });
    });

    it('comes back by itself, on whichever node, and has missed nothing', async () => {
      const network = await TcpProxy.start(world().url);
      const client = await connected(network.url);
      const offsets: number[] = [];
      await client.subscribe(
        'sdk-back',
        'c',
        ({ position }) => void offsets.push(Number(position.split(':')[1])),
      );
      await trigger(world().url, 'sdk-back');
      await waitFor(() => offsets.length === 1);

      for (let round = 0; round < 5; round++) {
        network.cut();
        for (let count = 0; count < 3; count++) await trigger(world().node(count).url, 'sdk-back');
        await waitFor(() => offsets.length === 4 + round * 3);
      }

      expect(offsets).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
      client.close();
      await network.close();
    });
  });
}
