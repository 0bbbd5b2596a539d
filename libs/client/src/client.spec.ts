import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf } from '../test/code-of.js';
import { eventually } from '../test/eventually.js';
import { NEVER, UNHEARD } from '../test/fake-hub.js';
import { Setting } from '../test/setting.js';
import type { ClientOptions } from './client-options.js';
import type { Delivery } from './delivery.js';
import { RingbackClient, connect, makeKey } from './index.js';

const setting = new Setting();
afterEach(() => setting.close());

async function start(options: Partial<ClientOptions> = {}) {
  const hub = await setting.hub();
  return { hub, ...(await setting.connected(hub, options)) };
}

const refused = (code: string) => expect.objectContaining({ name: 'HubError', code });

describe('a client', () => {
  it.each([
    { minDelayMs: 0 },
    { minDelayMs: 20_000 },
    { minDelayMs: 500, maxDelayMs: 499 },
    { maxDelayMs: NaN },
    { maxDelayMs: 2 ** 31 },
    { timeoutMs: -1 },
    { timeoutMs: Infinity },
    { timeoutMs: '10' as unknown as number },
  ])('is not made with %j', (options) => {
    const [name] = Object.keys(options);
    expect(() => new RingbackClient({ url: 'unused', ...options })).toThrow(
      expect.objectContaining({
        name: 'HubError',
        code: 'bad-request',
        message: expect.stringContaining(name!),
      }),
    );
  });

  it('takes the shortest delays, and a longest one below the usual first one', () => {
    expect(
      () => new RingbackClient({ url: 'unused', minDelayMs: 1, maxDelayMs: 1, timeoutMs: 1 }),
    ).not.toThrow();
    expect(() => new RingbackClient({ url: 'unused', maxDelayMs: 100 })).not.toThrow();
  });
});

describe('connect', () => {
  it('resolves to a connected client and shows the token to the hub', async () => {
    const hub = await setting.hub();
    const client = await connect({ url: hub.url, token: 'sesame' });
    client.close();
    expect(hub.tokens).toEqual(['sesame']);
  });

  it('asks a function for the token each time that it connects', async () => {
    let asked = 0;
    const { hub } = await start({ token: () => Promise.resolve(`token ${++asked}`) });
    hub.drop();
    await eventually(() => hub.tokens.length === 2);
    expect(hub.tokens).toEqual(['token 1', 'token 2']);
  });

  it('rejects with what the hub says to a client that it does not want, and is closed then', async () => {
    const hub = await setting.hub();
    hub.refusal = { code: 'unauthorized', message: 'No token.' };
    const { client, statuses } = setting.client(hub);
    await expect(client.connect()).rejects.toEqual(refused('unauthorized'));
    await expect(client.trigger('e')).rejects.toEqual(refused('unauthorized'));
    expect(statuses.at(-1)).toMatchObject({ state: 'closed', reason: { name: 'unauthorized', final: true } });
    expect(hub.tokens).toHaveLength(1);
  });

  it('goes on trying while the hub has no room', async () => {
    const hub = await setting.hub();
    hub.refusal = { code: 'too-many-connections', message: 'Full.' };
    const { client, statuses } = setting.client(hub);
    const connecting = client.connect();
    await eventually(() => hub.tokens.length >= 2);
    hub.refusal = undefined;
    await connecting;
    expect(statuses[1]).toMatchObject({ state: 'reconnecting', reason: { name: 'too-many-connections' } });
  });

  it('goes on trying until there is a hub', async () => {
    const first = await setting.hub();
    const { port } = first;
    await first.stop();
    const { client, statuses } = setting.client({ url: `http://127.0.0.1:${port}` });
    const connecting = client.connect();
    await eventually(() => statuses.some(({ state }) => state === 'reconnecting'));
    await setting.hub(port);
    await connecting;
    expect(statuses.at(-1)).toEqual({ state: 'connected' });
  });

  it('rejects with timeout, and why, when there is no hub in time', async () => {
    const hub = await setting.hub();
    const { url } = hub;
    await hub.stop();
    const { client, statuses } = setting.client({ url }, { timeoutMs: 100 });
    await expect(client.connect()).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/cannot be reached: .*ECONNREFUSED/),
    });
    expect(statuses.at(-1)).toMatchObject({ state: 'closed', reason: { name: 'timeout' } });
  });

  it('takes a token that cannot be had for a failed attempt', async () => {
    const hub = await setting.hub();
    let asked = 0;
    const token = () => (++asked === 1 ? Promise.reject(new Error('no')) : 'second');
    await setting.connected(hub, { token });
    expect(hub.tokens).toEqual(['second']);
  });

  it('uses HTTP long polling only where it is allowed', async () => {
    const hub = await setting.hub(0, { transports: ['polling'] });
    const { client } = await setting.connected(hub, { polling: true });
    await expect(client.trigger('e')).resolves.toMatchObject({ position: 'e1:1' });
    await expect(setting.client(hub, { timeoutMs: 100 }).client.connect()).rejects.toEqual(
      refused('timeout'),
    );
  });
});

describe('subscribe', () => {
  it('hands each delivery over with cookie, data, position, time and labels', async () => {
    const { hub, client, deliveries, keep } = await start();
    const subscription = await client.subscribe('order-42', 'mine', keep);
    hub.trigger('order-42', 'ready', {
      type: 'pizza',
      contentType: 'text/plain',
      source: 'oven',
      id: '7',
      origin: 'o/e:1',
    });
    await eventually(() => deliveries.length === 1);
    expect(deliveries[0]).toEqual({
      eventguid: 'order-42',
      cookie: 'mine',
      data: 'ready',
      position: 'e1:1',
      time: 1,
      type: 'pizza',
      contentType: 'text/plain',
      source: 'oven',
      id: '7',
      origin: 'o/e:1',
    });
    expect(subscription).toMatchObject({
      eventguid: 'order-42',
      cookie: 'mine',
      position: 'e1:1',
      state: 'active',
    });
  });

  it('hands bytes over as bytes', async () => {
    const { hub, client, deliveries, keep } = await start();
    await client.subscribe('e', 'c', keep);
    hub.trigger('e', Buffer.from([0, 255, 128]).toString('base64'), { encoding: 'base64' });
    hub.trigger('e', Buffer.from([1, 2]));
    await eventually(() => deliveries.length === 2);
    expect(deliveries[0]?.data).toEqual(new Uint8Array([0, 255, 128]));
    expect(deliveries[1]?.data).toEqual(Buffer.from([1, 2]));
  });

  it('replaces cookie and handler of the event that it subscribes to again', async () => {
    const { hub, client, deliveries, keep } = await start();
    const first = await client.subscribe('e', 'old', () => deliveries.splice(0));
    const second = await client.subscribe('e', 'new', keep);
    expect(second).toBe(first);
    hub.trigger('e', 'x');
    await eventually(() => deliveries.length === 1);
    expect(deliveries[0]?.cookie).toBe('new');
    expect(hub.asked('subscribe')).toEqual([
      ['e', 'old'],
      ['e', 'new'],
    ]);
  });

  it('keeps cookie and handler if the hub refuses others', async () => {
    const { hub, client, deliveries, keep } = await start();
    const subscription = await client.subscribe('e', 'old', keep);
    hub.answer = () => ({ ok: false, code: 'cookie-too-large', message: 'Too large.' });
    await expect(client.subscribe('e', 'new', () => deliveries.splice(0))).rejects.toEqual(
      refused('cookie-too-large'),
    );
    hub.trigger('e', 'x');
    await eventually(() => deliveries.length === 1);
    expect(subscription).toMatchObject({ cookie: 'old', state: 'active' });
  });

  it('continues after a position that the program kept', async () => {
    const { hub, client, deliveries, keep } = await start();
    for (const data of ['a', 'b', 'c']) hub.keep('e', data);
    await client.subscribe('e', 'c', keep, { after: 'e1:1' });
    await eventually(() => deliveries.length === 2);
    expect(deliveries.map(({ data }) => data)).toEqual(['b', 'c']);
  });

  it('refuses what the hub would take for something else', async () => {
    const { client, keep, hub } = await start();
    await expect(client.subscribe('e', ' ', keep)).rejects.toEqual(refused('bad-request'));
    await expect(client.subscribe('e', 'EndSubscription', keep)).rejects.toEqual(refused('bad-request'));
    await expect(client.subscribe('', 'c', keep)).rejects.toEqual(refused('bad-eventguid'));
    await expect(client.subscribe('e', undefined as never, keep)).rejects.toEqual(refused('bad-request'));
    await expect(client.subscribe('e', 'c', undefined as never)).rejects.toEqual(refused('bad-request'));
    await expect(client.subscribe('e', 'c', keep, 'e1:1' as never)).rejects.toEqual(refused('bad-request'));
    await expect(client.subscribe('e', 'c', keep, { after: 'soon' })).rejects.toEqual(refused('bad-request'));
    expect(hub.commands).toEqual([]);
  });

  it('refuses a cookie that would cost the connection, at once', async () => {
    const hub = await setting.hub(0, { maxHttpBufferSize: 5_000 });
    const { client, keep } = await setting.connected(hub);
    await expect(client.subscribe('e', 'c'.repeat(5_000), keep)).rejects.toEqual(refused('cookie-too-large'));
    expect(hub.tokens).toHaveLength(1);
  });

  it('rejects with the code that the hub answers, even one that it does not know', async () => {
    const { hub, client, keep } = await start();
    hub.answer = () => ({ ok: false, code: 'forbidden', message: 'Not you.' });
    await expect(client.subscribe('e', 'c', keep)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'Not you.',
    });
    hub.answer = () => ({ ok: false, code: 'of-tomorrow', message: 'New.' });
    await expect(client.subscribe('e', 'c', keep)).rejects.toMatchObject({
      code: 'internal',
      message: 'of-tomorrow: New.',
    });
    hub.answer = () => ({ ok: true, position: 'nowhere' });
    await expect(client.subscribe('e', 'c', keep)).rejects.toEqual(refused('internal'));
  });

  it('takes back what the hub may have stored without saying so', async () => {
    const { hub, client, keep } = await start({ timeoutMs: 100 });
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? NEVER : undefined);
    await expect(client.subscribe('e', 'c', keep)).rejects.toEqual(refused('timeout'));
    await eventually(() => hub.asked('unsubscribe').length === 1);
  });

  it('waits for a connection, and rejects with timeout if none comes', async () => {
    const hub = await setting.hub();
    const { client, keep } = setting.client(hub, { timeoutMs: 200 });
    await expect(client.subscribe('early', 'c', keep)).rejects.toEqual(refused('timeout'));
    const waiting = client.subscribe('e', 'c', keep);
    await client.connect();
    await expect(waiting).resolves.toMatchObject({ position: 'e1:0' });
  });

  it('subscribes on the next connection if one is lost before the reply', async () => {
    const { hub, client, keep } = await start();
    hub.answer = () => NEVER;
    const waiting = client.subscribe('e', 'c', keep);
    await eventually(() => hub.commands.length === 1);
    hub.answer = () => undefined;
    hub.drop();
    await expect(waiting).resolves.toMatchObject({ state: 'active' });
  });

  it('tells onError what handlers throw or reject with, and goes on', async () => {
    const { hub, client, errors, deliveries } = await start();
    await client.subscribe('e', 'c', (delivery: Delivery) => {
      deliveries.push(delivery);
      if (delivery.data === 'throw') throw new Error('thrown');
      return delivery.data === 'reject' ? Promise.reject(new Error('rejected')) : undefined;
    });
    for (const data of ['throw', 'reject', 'fine']) hub.trigger('e', data);
    await eventually(() => deliveries.length === 3 && errors.length === 2);
    expect(errors).toEqual([
      { error: new Error('thrown'), context: { eventguid: 'e', position: 'e1:1' } },
      { error: new Error('rejected'), context: { eventguid: 'e', position: 'e1:2' } },
    ]);
  });

  it('tells onError what it cannot read and what the hub complains about', async () => {
    const { hub, client, errors, deliveries, keep } = await start();
    await client.subscribe('e', 'c', keep);
    hub.call('ReceiveEvent', 'e', 'c', 'x', { time: 1 });
    hub.call('ReceiveEvent', 'e', 'c', '~', { position: 'e1:1', time: 1, encoding: 'base64' });
    hub.call('HubError', { code: 'unknown-method', message: 'What?' });
    hub.trigger('e', 'x');
    await eventually(() => deliveries.length === 1);
    expect(errors.map(({ error }) => error)).toEqual([
      refused('internal'),
      refused('internal'),
      refused('unknown-method'),
    ]);
  });
});

describe('a delivery to a client without a subscriberId', () => {
  it('cannot be acknowledged', async () => {
    const { hub, client, deliveries, errors } = await start();
    await client.subscribe('e', 'c', (delivery) => {
      deliveries.push(delivery);
      delivery.acknowledge();
    });
    hub.trigger('e', 'x');
    await eventually(() => deliveries.length === 1);
    expect(errors).toEqual([
      { error: refused('bad-request'), context: { eventguid: 'e', position: 'e1:1' } },
    ]);
  });
});

describe('unsubscribe', () => {
  it('ends the subscription at the hub and here', async () => {
    const { hub, client, deliveries, keep } = await start();
    const subscription = await client.subscribe('e', 'c', keep);
    await subscription.unsubscribe();
    expect(hub.asked('unsubscribe')).toEqual([['e']]);
    hub.call('ReceiveEvent', 'e', 'c', 'late', { position: 'e1:1', time: 1 });
    await client.trigger('e');
    expect(deliveries).toEqual([]);
    expect(subscription).toMatchObject({ state: 'unsubscribed', ended: true });
  });

  it('leaves a later subscription to the same event alone', async () => {
    const { hub, client, keep } = await start();
    const first = await client.subscribe('e', 'c', keep);
    await client.unsubscribe('e');
    const second = await client.subscribe('e', 'c', keep);
    await first.unsubscribe();
    expect(second.state).toBe('active');
    expect(hub.asked('unsubscribe')).toHaveLength(1);
  });

  it.each(['relay-unavailable', 'timeout'])(
    'that fails with %s asks the hub again when repeated',
    async (code) => {
      const { hub, client, keep, deliveries } = await start({ timeoutMs: 100 });
      const subscription = await client.subscribe('e', 'c', keep);
      hub.answer = () => (code === 'timeout' ? NEVER : { ok: false, code, message: 'Unknown.' });
      await expect(client.unsubscribe('e')).rejects.toEqual(refused(code));
      await expect(subscription.unsubscribe()).rejects.toEqual(refused(code));
      hub.answer = () => undefined;
      hub.trigger('e', 'not wanted any more');
      await subscription.unsubscribe();
      expect(hub.subscribers('e')).toBe(0);
      await client.unsubscribe('e');
      expect(hub.asked('unsubscribe')).toHaveLength(3);
      expect(deliveries).toEqual([]);
    },
  );

  it('that fails is made up for by a later subscribe, which then begins anew', async () => {
    const { hub, client, keep, deliveries } = await start();
    await client.subscribe('e', 'old', keep);
    hub.answer = () => ({ ok: false, code: 'relay-unavailable', message: 'Unknown.' });
    await expect(client.unsubscribe('e')).rejects.toEqual(refused('relay-unavailable'));
    hub.answer = () => undefined;
    hub.keep('e', 'missed');
    await client.subscribe('e', 'new', keep, { after: 'e1:0' });
    await eventually(() => deliveries.length === 1);
    expect(deliveries[0]).toMatchObject({ cookie: 'new', data: 'missed' });
  });

  it('that fails is done with the connection', async () => {
    const { hub, client, keep, statuses } = await start();
    await client.subscribe('e', 'c', keep);
    hub.answer = () => ({ ok: false, code: 'relay-unavailable', message: 'Unknown.' });
    await expect(client.unsubscribe('e')).rejects.toEqual(refused('relay-unavailable'));
    hub.drop();
    await eventually(() => statuses.length === 4);
    await client.unsubscribe('e');
    expect(hub.commands).toHaveLength(2);
  });

  it('ends what the hub has stored anew without saying so', async () => {
    const { hub, client, keep } = await start({ timeoutMs: 100 });
    await client.subscribe('e', 'c', keep);
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? UNHEARD : undefined);
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2 && hub.subscribers('e') === 1);
    await client.unsubscribe('e');
    expect(hub.subscribers('e')).toBe(0);
    await client.trigger('e');
    expect(hub.subscribers('e')).toBe(0);
  });

  it('comes after the subscribe that was called before it', async () => {
    const { hub, client, keep } = await start();
    const [subscription] = await Promise.all([client.subscribe('e', 'c', keep), client.unsubscribe('e')]);
    expect(hub.commands.map(({ method }) => method)).toEqual(['SubscribeToEvent', 'UnsubscribeFromEvent']);
    expect(subscription.state).toBe('unsubscribed');
  });
});

describe('trigger', () => {
  const keyOf = (args: readonly unknown[]) => (args[2] as { key: string }).key;

  it('sends data as they are, absent as empty text, and a key of its own', async () => {
    const { hub, client } = await start();
    await expect(client.trigger('e', { a: [1] })).resolves.toEqual({ position: 'e1:1', subscribers: 1 });
    await client.trigger('e');
    const [first, second] = hub.asked('trigger');
    expect(first).toEqual([
      'e',
      { a: [1] },
      { key: expect.stringMatching(/^[0-9a-f]{32}$/), removeAfterSend: false },
    ]);
    expect(second?.[1]).toBe('');
    expect(keyOf(second!)).not.toBe(keyOf(first!));
  });

  it('sends bytes as bytes, and all that is said about them', async () => {
    const { hub, client } = await start();
    const options = {
      removeAfterSend: true,
      key: 'k',
      type: 't',
      contentType: 'image/png',
      source: 's',
      id: 'i',
      origin: 'o',
    };
    await client.trigger('e', new Uint8Array([1, 255]), options);
    expect(hub.asked('trigger')).toEqual([['e', Buffer.from([1, 255]), options]]);
  });

  it('waits for the receipt longer than for other replies, where it is asked for', async () => {
    const { hub, client } = await start({ timeoutMs: 500 });
    const receipt = { delivered: 3, queued: 1, dropped: 0, complete: true };
    hub.answer = () => NEVER;
    const answered = client.trigger('e', 'x', { wait: 'delivered', timeoutMs: 5_000, key: 'k' });
    await expect(client.trigger('e', 'x')).rejects.toEqual(refused('timeout')); // would be the first one's end, too
    hub.drop();
    expect(await codeOf(answered)).toBe('closed');
    hub.answer = () => ({ ok: true, position: 'e1:1', subscribers: 4, receipt });
    await expect(client.trigger('e', 'x', { wait: 'delivered' })).resolves.toEqual({
      position: 'e1:1',
      subscribers: 4,
      receipt,
    });
    const options = hub.asked('trigger').map(([, , said]) => said as object);
    expect(options[0]).toEqual({ removeAfterSend: false, key: 'k', wait: 'delivered', timeoutMs: 5_000 });
    expect(options[2]).toMatchObject({ wait: 'delivered', timeoutMs: 5_000 });
  });

  it('refuses a receipt that it cannot read', async () => {
    const { hub, client } = await start();
    hub.answer = () => ({ ok: true, position: 'e1:1', subscribers: 4, receipt: { delivered: 'all' } });
    await expect(client.trigger('e', 'x', { wait: 'delivered' })).rejects.toEqual(refused('internal'));
  });

  it('refuses what the hub would refuse', async () => {
    const { hub, client } = await start();
    await expect(client.trigger('e', 'x', { timeoutMs: 1_000 })).rejects.toEqual(refused('bad-request'));
    await expect(client.trigger('e', 'x', { wait: 'read' as never })).rejects.toEqual(refused('bad-request'));
    await expect(client.trigger('')).rejects.toEqual(refused('bad-eventguid'));
    await expect(client.trigger('e', 1n)).rejects.toEqual(refused('bad-request'));
    await expect(client.trigger('e', 'x', { key: '' })).rejects.toEqual(refused('bad-request'));
    await expect(client.trigger('e', 'x', { retryForMs: -1 })).rejects.toEqual(refused('bad-request'));
    await expect(client.trigger('e', 'x', true as never)).rejects.toEqual(refused('bad-request'));
    expect(hub.commands).toEqual([]);
  });

  it.each([
    ['text', 'd'.repeat(5_000)],
    ['text of long characters', '\u20ac'.repeat(1_700)],
    ['text that JSON writes longer', '"'.repeat(2_500)],
    ['bytes', new Uint8Array(5_000)],
  ])('refuses %s that would cost the connection, at once', async (_, data) => {
    const hub = await setting.hub(0, { maxHttpBufferSize: 5_000 });
    const { client } = await setting.connected(hub);
    await expect(client.trigger('e', data, { retryForMs: 5_000 })).rejects.toEqual(refused('data-too-large'));
    await expect(client.trigger('e', 'd'.repeat(4_800))).resolves.toMatchObject({ position: 'e1:1' });
    expect(hub.tokens).toHaveLength(1);
  });

  it('counts bytes as they are polled', async () => {
    const hub = await setting.hub(0, { transports: ['polling'], maxHttpBufferSize: 5_000 });
    const { client } = await setting.connected(hub, { polling: true });
    await expect(client.trigger('e', new Uint8Array(3_800))).rejects.toEqual(refused('data-too-large'));
    await client.trigger('e', new Uint8Array(3_700));
    expect(hub.tokens).toHaveLength(1);
  });

  it('repeats with the same key while errors are temporary', async () => {
    const { hub, client } = await start();
    hub.answer = () =>
      hub.commands.length < 3 ? { ok: false, code: 'relay-unavailable', message: 'Unknown.' } : undefined;
    await client.trigger('e', 'x', { retryForMs: 5_000 });
    expect(hub.asked('trigger')).toHaveLength(3);
    expect(new Set(hub.asked('trigger').map(keyOf)).size).toBe(1);
  });

  it('repeats on the next connection if one is lost before the reply', async () => {
    const { hub, client } = await start();
    hub.answer = () => NEVER;
    const result = client.trigger('e', 'x', { retryForMs: 5_000 });
    await eventually(() => hub.commands.length === 1);
    hub.answer = () => undefined;
    hub.drop();
    await expect(result).resolves.toMatchObject({ position: 'e1:1' });
    expect(new Set(hub.asked('trigger').map(keyOf)).size).toBe(1);
  });

  it('repeats neither what stays wrong nor without being told to', async () => {
    const { hub, client } = await start();
    hub.answer = () => ({ ok: false, code: 'forbidden', message: 'Not you.' });
    await expect(client.trigger('e', 'x', { retryForMs: 5_000 })).rejects.toEqual(refused('forbidden'));
    hub.answer = () => ({ ok: false, code: 'relay-unavailable', message: 'Unknown.' });
    await expect(client.trigger('e', 'x', { key: makeKey() })).rejects.toEqual(refused('relay-unavailable'));
    expect(hub.commands).toHaveLength(2);
  });

  it('gives up when its time is over', async () => {
    const { hub, client } = await start({ random: () => 1 });
    hub.answer = () => ({ ok: false, code: 'relay-unavailable', message: 'Unknown.' });
    await expect(client.trigger('e', 'x', { retryForMs: 30 })).rejects.toEqual(refused('relay-unavailable'));
    expect(hub.commands.length).toBeGreaterThan(1);
  });

  it('rejects with timeout or closed when no reply comes', async () => {
    const { hub, client } = await start({ timeoutMs: 100 });
    hub.answer = () => NEVER;
    await expect(client.trigger('e')).rejects.toEqual(refused('timeout'));
    const cut = client.trigger('e');
    await eventually(() => hub.commands.length === 2);
    hub.drop();
    await expect(cut).rejects.toEqual(refused('closed'));
  });

  it('keeps to the commands that a connection may have without a reply', async () => {
    const { hub, client } = await start();
    await Promise.all(Array.from({ length: 400 }, () => client.trigger('e')));
    expect(hub.mostOutstanding).toBeLessThanOrEqual(128);
  });
});

describe('close', () => {
  it('rejects what has no reply yet and ends subscriptions and status', async () => {
    const { hub, client, keep } = await start();
    const subscription = await client.subscribe('e', 'c', keep);
    hub.answer = () => NEVER;
    const cut = codeOf(client.trigger('e'));
    const states: string[] = [];
    const reading = (async () => {
      for await (const { state } of client.status()) states.push(state);
    })();
    await eventually(() => states.length === 1);
    client.close();
    await eventually(() => hub.connections === 0);
    expect(await cut).toBe('closed');
    await expect(client.subscribe('e', 'c', keep)).rejects.toEqual(refused('closed'));
    await expect(client.connect()).rejects.toEqual(refused('closed'));
    await reading;
    expect(states).toEqual(['connected', 'closed']);
    expect(subscription.state).toBe('closed');
  });

  it('ends a trigger that waits to be repeated', async () => {
    const { hub, client } = await start({ minDelayMs: 60_000, maxDelayMs: 60_000, random: () => 1 });
    hub.answer = () => ({ ok: false, code: 'draining', message: 'Soon.' });
    const waiting = client.trigger('e', 'x', { retryForMs: 600_000 });
    await eventually(() => hub.outstanding === 0 && hub.commands.length === 1);
    // A second reply comes after the first one's: from then on the first waits.
    await expect(client.trigger('e')).rejects.toEqual(refused('draining'));
    client.close();
    await expect(waiting).rejects.toEqual(refused('closed'));
  });
});
