import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RightsAccess, type Rights } from '@ringback/access-rights';
import { HubError, parseEventGuid } from '@ringback/contract';
import type { TokenVerifier } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import { GatewayCluster } from './gateway-cluster.js';
import type { ClientIdentity, ClientSubscribeOptions, GatewayHarness } from './gateway-harness.js';
import { refusals } from './gateway-refusal.js';

const ORDERS = ['order-*'];

/** What each token says; `history` is for protocols whose streams begin with what is kept. */
const TOKENS: Readonly<Record<string, Rights>> = {
  reader: { subscribe: ['order-*', 'user-{sub}-*'], history: ['*'], deny: { subscribe: ['order-secret-*'] } },
  writer: { trigger: ORDERS, oneShot: ['order-once-*'] },
  member: { subscribe: ORDERS, presence: ['order-room-*'], history: ORDERS },
  worker: { subscribe: ORDERS, history: ORDERS, subscribers: ['worker-{sub}'] },
  all: { subscribe: ['*'], trigger: ['*'], oneShot: ['*'], history: ['*'] },
};

const ANONYMOUS: Rights = { subscribe: ['door-*'], trigger: ['door-*'], history: ['door-*'] };

const verifier: TokenVerifier = {
  verify(token) {
    if (!Object.hasOwn(TOKENS, token)) return Promise.reject(new HubError('unauthorized'));
    return Promise.resolve({ subject: token, claims: { sub: token, ringback: TOKENS[token] } });
  },
};

/** What every client protocol has to refuse, and to let through, by the rights of who comes. */
export function describeGatewayAccess(name: string, harness: GatewayHarness): void {
  const { capabilities: can } = harness;
  const expectRefused = refusals(can);

  describe(`${name} as a gateway, by rights`, () => {
    let cluster: GatewayCluster;

    const guid = (prefix: string): string => `${prefix}-${randomUUID()}`;

    const subscribed = async (who: ClientIdentity, eventguid: string, options?: ClientSubscribeOptions) => {
      const client = await cluster.connect(0, who);
      await client.subscribe(eventguid, 'cookie', options);
      return client;
    };

    const triggerAtHub = async (eventguid: string, data: string): Promise<void> => {
      const hub = cluster.hub(1);
      const identity = await hub.authenticate({ token: 'all' });
      await hub.trigger(identity, { eventguid: parseEventGuid(eventguid), data, removeAfterSend: false });
    };

    beforeEach(async () => {
      cluster = await GatewayCluster.start(
        harness,
        () => new RightsAccess({ verifier, anonymous: { '*': ANONYMOUS } }),
      );
    });

    afterEach(async () => {
      await cluster.close();
    });

    it('lets nobody in whose token is not good, not even as somebody without one', async () => {
      await expect(subscribed({ token: 'stranger' }, guid('door'))).rejects.toThrow();
    });

    it('lets a client subscribe to what its patterns match', async () => {
      for (const eventguid of [guid('order'), guid('user-reader')]) {
        const client = await subscribed({ token: 'reader' }, eventguid);
        await triggerAtHub(eventguid, 'data');
        expect(await deliveredData(client, 1)).toEqual(['data']);
      }
    });

    it.each(['door', 'user-writer', 'order-secret'])(
      'refuses what they do not match, or is denied: %s-…',
      async (prefix) => {
        const eventguid = guid(prefix);
        await expectRefused(subscribed({ token: 'reader' }, eventguid), 'forbidden');
        expect(await cluster.stored(eventguid)).toEqual([]);
      },
    );

    it('takes who shows no token for anonymous, by patterns', async () => {
      const eventguid = guid('door');
      const client = await subscribed({}, eventguid);
      await triggerAtHub(eventguid, 'data');
      expect(await deliveredData(client, 1)).toEqual(['data']);
      await expectRefused(subscribed({}, guid('order')), 'forbidden');
    });

    if (can.triggers) {
      it('lets a client trigger what its patterns match, and refuses the rest', async () => {
        const eventguid = guid('order');
        const reader = await subscribed({ token: 'reader' }, eventguid);
        const writer = await cluster.connect(1, { token: 'writer' });
        await writer.trigger(eventguid, 'data');
        await expectRefused(writer.trigger(guid('door'), 'data'), 'forbidden');
        await expectRefused(reader.trigger(eventguid, 'data'), 'forbidden');
        expect(await deliveredData(reader, 1)).toEqual(['data']);
      });

      it('wants the right oneShot beside trigger for the last time', async () => {
        const writer = await cluster.connect(1, { token: 'writer' });
        await writer.trigger(guid('order-once'), 'data', { removeAfterSend: true });
        await expectRefused(writer.trigger(guid('order'), 'data', { removeAfterSend: true }), 'forbidden');
      });
    }

    if (can.presence) {
      it('wants the right presence for who is shown and sees', async () => {
        const presence = { presence: true };
        const eventguid = guid('order');
        await subscribed({ token: 'member' }, guid('order-room'), presence);
        await expectRefused(subscribed({ token: 'member' }, eventguid, presence), 'forbidden');
        expect(await cluster.stored(eventguid)).toEqual([]);
        await subscribed({ token: 'member' }, eventguid);
      });
    }

    if (can.named) {
      it('lets a client be the durable subscribers that are listed, and no other', async () => {
        const eventguid = guid('order');
        await subscribed({ token: 'worker', subscriberId: 'worker-worker' }, eventguid);
        const stored = [{ subscriber: 'n:sub:worker/worker-worker' }];
        expect(await cluster.stored(eventguid)).toMatchObject(stored);
        for (const who of [
          { token: 'worker', subscriberId: 'worker-other' },
          { token: 'reader', subscriberId: 'worker-reader' },
        ])
          await expect(subscribed(who, eventguid)).rejects.toThrow();
        expect(await cluster.stored(eventguid)).toMatchObject(stored);
      });
    }
  });
}
