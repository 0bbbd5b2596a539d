import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { TestClient } from '../support/test-client.js';
import type { World } from '../support/world.js';

const TRIGGERS = 10_000;
const IN_FLIGHT = 32;

/** Many triggers of one event from all nodes. */
export function describeOrder(world: () => World): void {
  describe('order', () => {
    afterEach(() => world().closeClients());

    it(`brings every offset of ${TRIGGERS} triggers to every subscriber once, in order`, async () => {
      const subscribers = (
        await Promise.all(world().nodes.map(({ url }) => world().clientsOf(2, url)))
      ).flat();
      await Promise.all(subscribers.map((client, index) => client.subscribe('ordered', String(index))));
      const triggering = await Promise.all(world().nodes.map(({ url }) => world().client(url)));

      let left = TRIGGERS;
      const work = async (client: TestClient): Promise<void> => {
        while (left-- > 0) await client.trigger('ordered', 'x');
      };
      await Promise.all(
        triggering.flatMap((client) => Array.from({ length: IN_FLIGHT }, () => work(client))),
      );

      await waitFor(() => subscribers.every(({ received }) => received.length >= TRIGGERS));
      const all = Array.from({ length: TRIGGERS }, (_, index) => index + 1);
      for (const { received } of subscribers) {
        expect(received.map(({ meta }) => Number(meta.position.split(':')[1]))).toEqual(all);
      }
    });
  });
}
