import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { delivered, deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';

/** A client that comes back with its last position. */
export function describeRecovery(cluster: () => GatewayCluster): void {
  it('delivers what was missed, then what is new, each once', async () => {
    const eventguid = randomUUID();
    const [gone, other] = [await cluster().connect(0), await cluster().connect(1)];
    await gone.subscribe(eventguid, 'before');
    const { position } = await other.trigger(eventguid, 'seen');
    await deliveredData(gone, 1);
    await gone.close();
    await cluster().untilStored(eventguid, 0);
    for (const data of ['missed 1', 'missed 2']) await other.trigger(eventguid, data);
    const back = await cluster().connect(1);
    expect(await back.subscribe(eventguid, 'after', { after: position! })).toMatchObject({ recovered: true });
    await other.trigger(eventguid, 'new');
    expect(await deliveredData(back, 3)).toEqual(['missed 1', 'missed 2', 'new']);
    expect(back.deliveries.map(({ cookie }) => cookie)).toEqual(['after', 'after', 'after']);
  });

  it('says so where nothing was missed', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    const { position } = await client.trigger(eventguid, 'seen');
    expect(await client.subscribe(eventguid, 'cookie', { after: position! })).toMatchObject({
      recovered: true,
    });
    await client.trigger(eventguid, 'new');
    expect(await deliveredData(client, 1)).toEqual(['new']);
  });

  it('says so where it cannot tell what was missed, and goes on with what is new', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.trigger(eventguid, 'old');
    const reply = await client.subscribe(eventguid, 'cookie', { after: 'elsewhere:1' });
    expect(reply).toMatchObject({ recovered: false });
    await client.trigger(eventguid, 'new');
    expect(await deliveredData(client, 1)).toEqual(['new']);
  });

  it('says that a one-shot among what was missed has ended the subscription', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    const { position } = await client.subscribe(eventguid, 'cookie');
    await client.close();
    await cluster().untilStored(eventguid, 0);
    const other = await cluster().connect(1);
    await other.trigger(eventguid, 'missed');
    await other.trigger(eventguid, 'one-shot', { removeAfterSend: true });
    await other.trigger(eventguid, 'after the end');
    const back = await cluster().connect();
    const reply = await back.subscribe(eventguid, 'cookie', { after: position! });
    expect(reply).toMatchObject({ recovered: true });
    const missed = [...(await delivered(back, 2))];
    expect(missed.map(({ data }) => data)).toEqual(['missed', 'one-shot']);
    expect(reply.ended ?? missed[1]?.ended).toBe(true); // a protocol without replies has its delivery say so
    expect(await cluster().stored(eventguid)).toEqual([]);
    await back.subscribe(eventguid, 'anew');
    await other.trigger(eventguid, 'new');
    expect(await deliveredData(back, 3)).toEqual(['missed', 'one-shot', 'new']);
  });
}
