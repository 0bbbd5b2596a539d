import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { delivered, deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities } from './gateway-harness.js';

/** How subscriptions begin, change and end. */
export function describeSubscribing(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  it('stores the subscription before it replies', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.subscribe(eventguid, 'cookie');
    expect(await cluster().stored(eventguid)).toMatchObject([{ cookie: can.cookies ? 'cookie' : '' }]);
  });

  it('ends the subscriptions of all nodes with a one-shot', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await there.subscribe(eventguid, 'there');
    await here.trigger(eventguid, 'last', { removeAfterSend: true });
    expect(await cluster().stored(eventguid)).toEqual([]);
    await here.trigger(eventguid, 'to nobody');
    await here.subscribe(eventguid, 'here again');
    await there.subscribe(eventguid, 'there again');
    await here.trigger(eventguid, 'anew');
    for (const client of [here, there]) expect(await deliveredData(client, 2)).toEqual(['last', 'anew']);
    expect((await delivered(there, 2)).map(({ cookie }) => cookie)).toEqual(['there', 'there again']);
  });

  it('answers each of two racing one-shots once at most', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await Promise.all([
      here.trigger(eventguid, 'one-shot', { removeAfterSend: true }),
      there.trigger(eventguid, 'one-shot', { removeAfterSend: true }),
    ]);
    await here.subscribe(eventguid, 'here again');
    await there.trigger(eventguid, 'anew');
    expect(await deliveredData(here, 2)).toEqual(['one-shot', 'anew']);
  });

  if (can.changesCookie) {
    it('delivers the cookie that was left last, and each envelope once', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.subscribe(eventguid, 'first');
      await client.trigger(eventguid, 'one');
      await delivered(client, 1);
      await client.subscribe(eventguid, 'last');
      await client.trigger(eventguid, 'two');
      const deliveries = await delivered(client, 2);
      expect(deliveries).toMatchObject([
        { cookie: 'first', data: 'one' },
        { cookie: 'last', data: 'two' },
      ]);
      expect(await cluster().stored(eventguid)).toMatchObject([{ cookie: 'last' }]);
    });
  }

  if (can.unsubscribes) {
    it('delivers nothing of what is triggered after an unsubscribe', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.subscribe(eventguid, 'cookie');
      await client.unsubscribe(eventguid);
      expect(await cluster().stored(eventguid)).toEqual([]);
      await client.trigger(eventguid, 'unheard');
      await client.subscribe(eventguid, 'cookie');
      await client.trigger(eventguid, 'heard');
      expect(await deliveredData(client, 1)).toEqual(['heard']);
    });

    it('leaves the other subscriptions when one is ended', async () => {
      const [ended, kept] = [randomUUID(), randomUUID()];
      const [client, other] = [await cluster().connect(), await cluster().connect()];
      await client.subscribe(ended, 'cookie');
      await client.subscribe(kept, 'cookie');
      await other.subscribe(ended, 'cookie');
      await client.unsubscribe(ended);
      await other.trigger(ended, 'to the other');
      await other.trigger(kept, 'to the client');
      expect(await deliveredData(client, 1)).toEqual(['to the client']);
      expect(await deliveredData(other, 1)).toEqual(['to the other']);
    });

    it('takes the end of a subscription that there is not', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.unsubscribe(eventguid);
      await client.subscribe(eventguid, 'cookie');
      await client.trigger(eventguid, 'data');
      expect(await deliveredData(client, 1)).toEqual(['data']);
    });
  }

  if (can.endsByCookie) {
    it.each(['', '  \t', 'endsubscription', 'EndSubscription', ' ENDSUBSCRIPTION '])(
      'ends the subscription by the cookie %j',
      async (cookie) => {
        const eventguid = randomUUID();
        const client = await cluster().connect();
        await client.subscribe(eventguid, 'cookie');
        await client.subscribe(eventguid, cookie);
        expect(await cluster().stored(eventguid)).toEqual([]);
      },
    );
  }

  if (can.triggers && can.positions) {
    it('answers a trigger with the number of stored subscriptions', async () => {
      const eventguid = randomUUID();
      const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
      expect(await here.trigger(eventguid, 'to nobody')).toMatchObject({ subscribers: 0 });
      await here.subscribe(eventguid, 'here');
      await there.subscribe(eventguid, 'there');
      expect(await here.trigger(eventguid, 'last', { removeAfterSend: true })).toMatchObject({
        subscribers: 2,
      });
      expect(await here.trigger(eventguid, 'to nobody')).toMatchObject({ subscribers: 0 });
    });
  }
}
