import { expect, it } from '@jest/globals';
import { SUBSCRIBER_ID_BYTES } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { refusals } from './gateway-refusal.js';

const NO_SUBSCRIBER_IDS: readonly (readonly [why: string, subscriberId: string])[] = [
  ['that is empty', ''],
  ['with a line break', 'line\nbreak'],
  ['that is too long', 'x'.repeat(SUBSCRIBER_ID_BYTES + 1)],
];

/** Who may be which named subscriber, and who acknowledges what. */
export function describeNamedIdentity(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  const expectRefused = refusals(can);

  it('gives nothing to another subscriberId, another identity, or nobody in particular', async () => {
    const [eventguid, subscriberId] = [randomUUID(), 'worker'];
    const mine = await cluster().connect(0, { subscriberId, token: 'alice' });
    await mine.subscribe(eventguid, 'of alice');
    await mine.close();
    await cluster().untilAway(subscriberId, 'alice');
    await cluster().trigger(eventguid, 'for alice');
    const strangers = [
      await cluster().connect(0, { subscriberId: 'another', token: 'alice' }),
      await cluster().connect(0, { subscriberId, token: 'bob' }),
      await cluster().connect(0, { token: 'alice' }),
    ];
    for (const stranger of strangers) await stranger.subscribe(eventguid, 'of a stranger');
    expect(await cluster().stored(eventguid)).toHaveLength(4);
    await cluster().trigger(eventguid, 'for all');
    for (const stranger of strangers) expect(await deliveredData(stranger, 1)).toEqual(['for all']);
    const back = await cluster().connect(1, { subscriberId, token: 'alice' });
    expect(await deliveredData(back, 2)).toEqual(['for alice', 'for all']);
  });

  it('lets a token that is bound to a subscriberId be no other', async () => {
    const subscriberId = 'worker';
    const token = `alice/${subscriberId}`;
    await expectRefused(cluster().connect(0, { subscriberId: 'another', token }), 'forbidden');
    const client = await cluster().connect(0, { subscriberId, token });
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'cookie');
    expect(await cluster().stored(eventguid)).toMatchObject([{ subscriber: 'n:alice/worker' }]);
  });

  it.each(NO_SUBSCRIBER_IDS)('refuses a subscriberId %s', async (_why, subscriberId) => {
    await expectRefused(cluster().connect(0, { subscriberId }), 'bad-request');
  });

  it('refuses an acknowledgement of who is not named', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.subscribe(eventguid, 'cookie');
    const { position } = await cluster()
      .connect()
      .then((other) => other.trigger(eventguid, 'data'));
    await expectRefused(acknowledged(client, eventguid, position ?? ''), 'bad-request');
    await expectRefused(acknowledged(client, eventguid, 'e:1'), 'bad-request');
  });

  it('refuses an acknowledgement of what a named subscriber does not hold, and of what is no position', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect(0, { subscriberId: 'worker' });
    await client.subscribe(eventguid, 'cookie');
    await expectRefused(acknowledged(client, randomUUID(), 'e:1'), 'not-found');
    await expectRefused(acknowledged(client, '', 'e:1'), 'bad-eventguid');
    for (const position of ['', 'e', 'e:-1', '7']) {
      await expectRefused(acknowledged(client, eventguid, position), 'bad-request');
    }
  });
}

function acknowledged(client: GatewayClient, eventguid: string, position: string): Promise<void> {
  if (!client.acknowledge) throw new Error('The client cannot acknowledge.');
  return client.acknowledge(eventguid, position);
}
