import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
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

      // What is scraped may be a second old: the others have counted by then what they were going to.
      await waitFor(async () => (await metric(home!.url, RELAYED)) === before[0]! + 50, 'the count at home');
      const after = await Promise.all(others.map(({ url }) => metric(url, RELAYED)));
      expect(after).toEqual(before.slice(1));
    });
  });
}
