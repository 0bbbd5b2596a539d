import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import { refusals } from './gateway-refusal.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { BAD_EVENTGUIDS } from './strange-texts.js';

const NOT_TEXT: readonly unknown[] = [42, true, null, {}, ['a']];

/** What is refused, how, and that it harms nobody else. */
export function describeErrors(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  const expectRefused = refusals(can);

  const expectAlive = async (client: GatewayClient) => {
    const eventguid = randomUUID();
    const before = client.deliveries.length;
    await client.subscribe(eventguid, 'alive');
    await client.trigger(eventguid, 'alive');
    expect((await deliveredData(client, before + 1)).slice(before)).toEqual(['alive']);
  };

  it.each(BAD_EVENTGUIDS)('refuses to subscribe to an eventguid %s', async (_why, eventguid) => {
    const client = await cluster().connect();
    await expectRefused(client.subscribe(eventguid, 'cookie'), 'bad-eventguid');
  });

  if (can.cookies) {
    it('refuses a cookie that is too long', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      const { cookieBytes } = cluster().hub(0).limits;
      await expectRefused(client.subscribe(eventguid, 'c'.repeat(cookieBytes + 1)), 'cookie-too-large');
      await expectRefused(
        client.subscribe(eventguid, '🔔'.repeat(cookieBytes / 4) + 'c'),
        'cookie-too-large',
      );
      expect(await cluster().stored(eventguid)).toEqual([]);
    });
  }

  if (can.subscribesAnyTime) {
    it('refuses more subscriptions than a connection may hold, and keeps those it has', async () => {
      const client = await cluster().connect();
      const limit = cluster().hub(0).limits.subscriptionsPerConnection;
      const eventguids = Array.from({ length: limit }, () => randomUUID());
      for (const eventguid of eventguids) await client.subscribe(eventguid, 'cookie');
      const tooMany = randomUUID();
      await expectRefused(client.subscribe(tooMany, 'cookie'), 'too-many-subscriptions');
      expect(await cluster().stored(tooMany)).toEqual([]);
      if (can.changesCookie) await client.subscribe(eventguids[0]!, 'another cookie');
      for (const eventguid of eventguids) await client.trigger(eventguid, eventguid);
      expect([...(await deliveredData(client, limit))].sort()).toEqual([...eventguids].sort());
    });
  }

  if (can.triggers) {
    it.each(BAD_EVENTGUIDS)('refuses to trigger an eventguid %s', async (_why, eventguid) => {
      const client = await cluster().connect();
      await expectRefused(client.trigger(eventguid, 'data'), 'bad-eventguid');
    });

    it('refuses data that are too long', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      const { dataBytes } = cluster().hub(0).limits;
      await client.subscribe(eventguid, 'cookie');
      await expectRefused(client.trigger(eventguid, 'd'.repeat(dataBytes + 1)), 'data-too-large');
      await client.trigger(eventguid, 'short');
      expect(await deliveredData(client, 1)).toEqual(['short']);
    });
  }

  if (can.untyped) {
    it.each(NOT_TEXT)('refuses %j as an eventguid', async (value) => {
      const client = await cluster().connect();
      await expectRefused(client.subscribe(value as string, 'cookie'), 'bad-eventguid');
      if (can.triggers) await expectRefused(client.trigger(value as string, 'data'), 'bad-eventguid');
    });

    it.each(NOT_TEXT)('refuses %j as a cookie', async (value) => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await expectRefused(client.subscribe(eventguid, value as string), 'bad-request');
      expect(await cluster().stored(eventguid)).toEqual([]);
    });

    it('refuses lone surrogates, which UTF-8 cannot say', async () => {
      const client = await cluster().connect();
      const eventguid = randomUUID();
      await expectRefused(client.subscribe('\ud800', 'cookie'), 'bad-eventguid');
      await expectRefused(client.subscribe(eventguid, '\ud800'), 'bad-request');
      if (can.triggers) await expectRefused(client.trigger(eventguid, '\udc00'), 'bad-request');
    });
  }

  it('goes on serving a client and the others after bad input', async () => {
    const [client, other] = [await cluster().connect(), await cluster().connect()];
    await expectRefused(client.subscribe('', 'cookie'), 'bad-eventguid');
    await expectRefused(client.subscribe('nul\0', 'cookie'), 'bad-eventguid');
    await expectAlive(client);
    await expectAlive(other);
  });

  it('keeps what one client sends that the protocol does not know from the others', async () => {
    const [client, other] = [await cluster().connect(), await cluster().connect()];
    // Where the stock client sends nothing but the protocol, a cut link is the worst it can do.
    if (client.sendGarbage) client.sendGarbage();
    else client.destroy();
    await expectAlive(other);
  });
}
