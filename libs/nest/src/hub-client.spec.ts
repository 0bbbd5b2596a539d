import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { CLOSE_REASONS, DEFAULT_LIMITS, parseEventGuid } from '@ringback/contract';
import { APPLICATION, Hub, type SubscriptionStore } from '@ringback/core';
import { MemoryCluster, RecordingLog } from '@ringback/memory';
import { HubClient } from './hub-client.js';
import { InProcessConnection } from './in-process.connection.js';
import type { RingbackModuleOptions } from './ringback.options.js';
import { portsOf, startApplication, type TestApplication } from './testing/test-application.js';

const MANY = 300;

describe('HubClient', () => {
  let application: TestApplication;
  const received: string[] = [];

  async function start(options?: RingbackModuleOptions): Promise<HubClient> {
    received.length = 0;
    application = await startApplication(options);
    return application.app.get(HubClient);
  }

  afterEach(() => application.app.close());

  function subscribe(client: HubClient, name: string, cookie = 'c'): Promise<void> {
    return client.subscribe('e', cookie, (delivery) =>
      received.push(`${name} ${delivery.cookie} ${delivery.data}`),
    );
  }

  /** As an operator finds it. */
  async function subscriber(): Promise<string> {
    const { operator } = application.app.get(Hub);
    const { items } = await operator.subscriptions(APPLICATION, parseEventGuid('e'), { limit: 1 });
    return items[0]?.subscriber ?? '';
  }

  it('subscribes to as many events at once as the application wants', async () => {
    const client = await start({ limits: { subscriptionsPerConnection: 10 } });
    const names = Array.from({ length: MANY }, (_, index) => `e${index}`);
    await Promise.all(names.map((name) => client.subscribe(name, 'c', () => received.push(name))));
    await Promise.all(names.map((name) => client.trigger(name)));
    await waitFor(() => received.length === MANY);
    expect(MANY).toBeGreaterThan(DEFAULT_LIMITS.commandsPerConnection);
  });

  it('carries out what concerns one event in order', async () => {
    const client = await start();
    const subscribed = subscribe(client, 'one');
    const unsubscribed = client.unsubscribe('e');
    const again = subscribe(client, 'two');
    await subscribed;
    expect(await unsubscribed).toBe(true);
    await again;
    await client.trigger('e', 'x');
    await waitFor(() => received.length > 0);
    expect(received).toEqual(['two c x']);
  });

  it('leaves a later handler in place when an earlier subscribe fails, and the earlier one when a later fails', async () => {
    const client = await start({ limits: { cookieBytes: 4 } });
    const [failed, subscribed] = [subscribe(client, 'one', 'too long'), subscribe(client, 'two')];
    await expect(failed).rejects.toMatchObject({ code: 'cookie-too-large' });
    await subscribed;
    await expect(subscribe(client, 'three', 'too long')).rejects.toMatchObject({ code: 'cookie-too-large' });
    await client.trigger('e', 'x');
    await waitFor(() => received.length > 0);
    expect(received).toEqual(['two c x']);
  });

  it('keeps the new subscription when the one-shot of an earlier one comes late', async () => {
    const client = await start();
    for (const cookies of [
      ['old', 'new'],
      ['same', 'same'],
    ]) {
      received.length = 0;
      await subscribe(client, 'one', cookies[0]);
      const ended = client.trigger('e', 'last', { removeAfterSend: true });
      const again = subscribe(client, 'two', cookies[1]);
      await Promise.all([ended, again]);
      await client.trigger('e', 'next');
      await waitFor(() => received.length > 1);
      expect(received).toEqual([`one ${cookies[0]} last`, `two ${cookies[1]} next`]);
    }
  });

  it('hands what comes after a change of the cookie to the new handler', async () => {
    const client = await start();
    await subscribe(client, 'one', 'old');
    await client.trigger('e', 'a');
    await subscribe(client, 'two', 'new');
    await client.trigger('e', 'b', { removeAfterSend: true });
    await client.trigger('e', 'c');
    await waitFor(() => received.length > 1);
    expect(received).toEqual(['one old a', 'two new b']);
    expect(await client.unsubscribe('e')).toBe(false);
  });

  it('says so when an operator closes its connection, and can subscribe again', async () => {
    const client = await start();
    await subscribe(client, 'one');
    const connectionId = (await subscriber()).slice(2);
    const hub = application.app.get(Hub);
    await hub.operator.disconnect(APPLICATION, connectionId);
    await waitFor(() => hub.figures().connections === 0);
    expect(application.log.at('error')).toEqual([
      expect.objectContaining({
        message: 'application disconnected, its subscriptions have ended',
        fields: { reason: 'closed-by-operator' },
      }),
    ]);
    await subscribe(client, 'two');
    await client.trigger('e', 'x');
    await waitFor(() => received.length > 0);
    expect(received).toEqual(['two c x']);
  });

  it('says so when an operator ends a subscription', async () => {
    const client = await start();
    await subscribe(client, 'one');
    const { operator } = application.app.get(Hub);
    await operator.removeSubscription(APPLICATION, parseEventGuid('e'), await subscriber());
    await waitFor(() =>
      application.log.lines.some(({ message }) => message === 'subscription of the application ended'),
    );
  });

  it('logs what a handler throws or rejects with, and goes on', async () => {
    const client = await start();
    await client.subscribe('e', 'c', ({ data }) => {
      if (data === 'throw') throw new Error(data);
      return Promise.reject(new Error(data));
    });
    for (const data of ['throw', 'reject']) await client.trigger('e', data);
    await waitFor(() => application.log.at('error').length === 2);
    expect(application.log.at('error').map(({ fields }) => String(fields['error']))).toEqual([
      'Error: throw',
      'Error: reject',
    ]);
  });

  it('can subscribe again where the store has failed', async () => {
    const cluster = new MemoryCluster();
    const { subscriptions } = cluster.node();
    let fail = true;
    const failing = new Proxy(subscriptions, {
      get: (target, name: keyof SubscriptionStore) =>
        name === 'put' && fail ? () => Promise.reject(new Error('away')) : target[name].bind(target),
    });
    const client = await start({ providers: [portsOf(cluster, { subscriptions: failing })] });
    await expect(subscribe(client, 'one')).rejects.toThrow();
    fail = false;
    await subscribe(client, 'two');
    await client.trigger('e', 'x');
    await waitFor(() => received.length > 0);
    expect(received).toEqual(['two c x']);
  });
});

describe('InProcessConnection', () => {
  it('is closed when it is told to be, whatever the reason', async () => {
    for (const reason of [CLOSE_REASONS['slow-consumer'], CLOSE_REASONS.draining]) {
      const closed: string[] = [];
      const connection = new InProcessConnection(
        new RecordingLog(),
        () => undefined,
        (connectionId) => closed.push(connectionId),
      );
      connection.close(reason);
      await waitFor(() => closed.length > 0);
      expect(closed).toEqual([connection.connectionId]);
    }
  });
});
