import { afterEach, describe, expect, it } from '@jest/globals';
import { subscriptions, trigger } from '../support/http.js';
import type { World } from '../support/world.js';

const STRANGE = [
  ['braces', '{a}{b', '}{cookie}'],
  ['percent signs', '100%25 %', '%7B%zz%'],
  ['slashes', '/a//b/../c\\', '\\\\host\\share/'],
  ['quotes', `"it's"`, `'"\\"`],
  ['line separators', 'a\u2028b\u2029c', '<\u2028\u2029>'],
  ['emoji', '👩‍👩‍👧‍👦🔔', '🔔'.repeat(64)],
  ['256 bytes of UTF-8', 'ü'.repeat(128), 'ü'.repeat(2_048)],
  ['__proto__', '__proto__', 'constructor'],
  ['spaces and a query', ' ?a=b&c#d ', '\t\r\n\0 c'],
] as const;

/** What other systems stumble over comes back byte for byte. */
export function describeStrangeTexts(world: () => World): void {
  describe('strange eventguids and cookies', () => {
    afterEach(() => world().closeClients());

    it.each(STRANGE)(
      'with %s are stored, triggered and returned byte for byte',
      async (_, eventguid, cookie) => {
        const client = await world().client();
        await client.subscribe(eventguid, cookie);
        expect((await subscriptions(world().node(1).url, eventguid)).map((stored) => stored.cookie)).toEqual([
          cookie,
        ]);

        const data = `${eventguid}${cookie}`;
        const answer = await trigger(world().node(2).url, eventguid, { data });
        expect(answer).toMatchObject({ eventguid, subscribers: 1 });
        const [received] = await client.hears(eventguid);
        expect(received).toMatchObject({ eventguid, cookie, data });
      },
    );
  });
}
