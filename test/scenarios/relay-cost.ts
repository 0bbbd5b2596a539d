import { afterEach, describe, expect, it } from '@jest/globals';
import { metric, trigger } from '../support/http.js';
import type { World } from '../support/world.js';

const RELAYED = 'ringback_relay_envelopes_total';

/** A node pays only for events that it has subscribers of. */
export function describeRelayCost(world: () => World): void {
  describe('an event with subscribers on one node only', () => {
    afterEach(() => world().closeClients());

    it('brings no message to the relays of the other nodes', async () => {
      const [home, ...others] = world().nodes;
      const client = await world().client(home!.url);
      await client.subscribe('local-matter', 'c');
      const before = await Promise.all(world().nodes.map(({ url }) => metric(url, RELAYED)));

      for (let count = 0; count < 50; count++) await trigger(others[count % 2]!.url, 'local-matter');
      await client.hears('local-matter', 50);

      const after = await Promise.all(world().nodes.map(({ url }) => metric(url, RELAYED)));
      expect(after.map((count, index) => count - before[index]!)).toEqual([50, 0, 0]);
    });
  });
}
