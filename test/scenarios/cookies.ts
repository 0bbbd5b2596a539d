import { afterEach, describe, expect, it } from '@jest/globals';
import { subscriptions, trigger } from '../support/http.js';
import type { World } from '../support/world.js';

/** One cookie per subscriber and event; the last wins; a blank one or `endsubscription` unsubscribes. */
export function describeCookies(world: () => World): void {
  describe('cookies', () => {
    afterEach(() => world().closeClients());

    it('lets the last cookie win, which every node shows', async () => {
      const client = await world().client();
      await client.subscribe('last-wins', 'first');
      await client.subscribe('last-wins', 'second');

      for (const { url } of world().nodes) {
        expect((await subscriptions(url, 'last-wins')).map(({ cookie }) => cookie)).toEqual(['second']);
      }
      await trigger(world().url, 'last-wins');
      expect((await client.hears('last-wins')).map(({ cookie }) => cookie)).toEqual(['second']);
    });

    it.each(['', '   ', 'endsubscription', 'EndSubscription', 'ENDSUBSCRIPTION'])(
      'takes the cookie %j for an unsubscribe, which every node shows',
      async (ending) => {
        const eventguid = `ends-by-${JSON.stringify(ending)}`;
        const client = await world().client();
        await client.subscribe(eventguid, 'mine');
        await client.subscribe(eventguid, ending);

        for (const { url } of world().nodes) expect(await subscriptions(url, eventguid)).toEqual([]);
        expect(await trigger(world().url, eventguid)).toMatchObject({ subscribers: 0 });
      },
    );
  });
}
