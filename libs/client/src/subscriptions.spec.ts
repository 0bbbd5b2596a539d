import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../test/eventually.js';
import { NEVER, UNHEARD, type FakeHub } from '../test/fake-hub.js';
import { Setting, type Told } from '../test/setting.js';
import type { ClientOptions } from './client-options.js';

const setting = new Setting();
afterEach(() => setting.close());

async function start(options: Partial<ClientOptions> = {}) {
  const hub = await setting.hub();
  return { hub, ...(await setting.connected(hub, options)) };
}

/** Cuts the connection and waits for the next one and what comes with it. */
async function reconnect(hub: FakeHub, { client, statuses }: Told): Promise<void> {
  const before = statuses.filter(({ state }) => state === 'connected').length;
  hub.drop();
  await eventually(() => statuses.filter(({ state }) => state === 'connected').length > before);
  await client.trigger('something else', '', { retryForMs: 5_000 });
}

const dataOf = ({ deliveries }: Told) => deliveries.map(({ data }) => data);

describe('after a reconnect', () => {
  it('subscribes again after the last delivery and gets what was missed, each offset once', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.trigger('e', 'a');
    await eventually(() => told.deliveries.length === 1);
    hub.keep('e', 'b');
    await reconnect(hub, told);
    hub.trigger('e', 'c');
    await eventually(() => told.deliveries.length === 3);
    expect(dataOf(told)).toEqual(['a', 'b', 'c']);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'c', { after: 'e1:1' }]);
    expect(subscription.position).toBe('e1:3');
  });

  it('subscribes again after the position of the reply if nothing was delivered', async () => {
    const { hub, ...told } = await start();
    hub.keep('e', 'before');
    await told.client.subscribe('e', 'c', told.keep);
    hub.keep('e', 'missed');
    await reconnect(hub, told);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'c', { after: 'e1:1' }]);
    expect(dataOf(told)).toEqual(['missed']);
  });

  it('subscribes again with the newest cookie', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'old', told.keep);
    await told.client.subscribe('e', 'new', told.keep);
    await reconnect(hub, told);
    expect(hub.asked('subscribe').map(([, cookie]) => cookie)).toEqual(['old', 'new', 'new']);
  });

  it('calls no handler after unsubscribe, though a command for the event is still without a reply', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? NEVER : undefined);
    const changing = told.client.subscribe('e', 'new', told.keep).catch(() => undefined);
    await eventually(() => hub.asked('subscribe').length === 2);
    const ended = told.client.unsubscribe('e').catch(() => undefined);
    hub.trigger('e', 'late');
    await told.client.trigger('other', '', { retryForMs: 5_000 });
    expect(dataOf(told)).toEqual([]);
    told.client.close();
    await Promise.all([changing, ended]);
  });

  it('has at most 64 replies outstanding', async () => {
    const { hub, ...told } = await start();
    const names = Array.from({ length: 300 }, (_, index) => `e${index}`);
    await Promise.all(names.map((name) => told.client.subscribe(name, 'c', told.keep)));
    hub.mostOutstanding = 0;
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 600 && hub.outstanding === 0);
    expect(hub.mostOutstanding).toBeLessThanOrEqual(64);
    expect(hub.mostOutstanding).toBeGreaterThan(8);
  });

  it('subscribes no more to what was unsubscribed', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    await told.client.unsubscribe('e');
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('tries again what the hub could not do, until it can', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = () =>
      hub.asked('subscribe').length < 4
        ? { ok: false, code: 'relay-unavailable', message: 'Later.' }
        : undefined;
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 4 && hub.outstanding === 0);
    hub.trigger('e', 'x');
    await eventually(() => told.deliveries.length === 1);
    expect(subscription.state).toBe('active');
    expect(told.errors).toEqual([]);
  });

  it('gets what was missed although the reply to its subscribe comes too late', async () => {
    const { hub, ...told } = await start({ timeoutMs: 100 });
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => {
      if (method !== 'SubscribeToEvent' || hub.asked('subscribe').length !== 2) return undefined;
      hub.call('ReceiveEvent', 'e', 'c', 'one', { position: 'e1:1', time: 1 });
      return UNHEARD;
    };
    for (const data of ['one', 'two', 'three']) hub.keep('e', data);
    hub.drop();
    await eventually(() => told.deliveries.length === 3);
    expect(dataOf(told)).toEqual(['one', 'two', 'three']);
    expect(told.gaps).toEqual([]);
    expect(told.errors).toEqual([]);
  });

  it('hears of a gap although the reply that told it comes too late', async () => {
    const { hub, ...told } = await start({ timeoutMs: 100 });
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => {
      if (method !== 'SubscribeToEvent') return undefined;
      if (hub.asked('subscribe').length === 2) return UNHEARD;
      const position = 'e2:5';
      return hub.subscribers('e') === 0 ? { ok: true, position, recovered: false } : { ok: true, position };
    };
    hub.drop();
    await eventually(() => told.gaps.length === 1);
    expect(told.gaps).toEqual([{ eventguid: 'e', after: 'e1:0', position: 'e2:5' }]);
  });

  it('is not subscribed again to what ends while its reply is late', async () => {
    const { hub, ...told } = await start({ timeoutMs: 100 });
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => {
      if (method === 'SubscribeToEvent') return UNHEARD;
      if (method === 'UnsubscribeFromEvent') hub.trigger('e', 'last', { ended: true });
      return undefined;
    };
    hub.drop();
    await eventually(() => told.deliveries.length === 1);
    await told.client.trigger('another', '', { retryForMs: 5_000 });
    expect(subscription.state).toBe('ended');
    expect(hub.asked('subscribe')).toHaveLength(2);
  });

  it('goes on after its last position if the hub says nothing of recovery', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? { ok: true, position: 'e1:3' } : undefined);
    await reconnect(hub, told);
    expect(subscription.position).toBe('e1:0');
    for (const position of ['e1:1', 'e1:2', 'e1:3']) {
      hub.call('ReceiveEvent', 'e', 'c', position, { position, time: 1 });
    }
    await eventually(() => told.deliveries.length === 3);
    expect(told.gaps).toEqual([]);
  });

  it('tells onError what the hub refuses for good, and gives it up', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = () => ({ ok: false, code: 'forbidden', message: 'Not any more.' });
    hub.drop();
    await eventually(() => told.errors.length === 1);
    expect(told.errors[0]).toMatchObject({ error: { code: 'forbidden' }, context: { eventguid: 'e' } });
    expect(subscription.state).toBe('refused');
    hub.answer = () => undefined;
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(2);
  });

  it('lets a new cookie that was on its way continue after the last position', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'old', told.keep);
    hub.trigger('e', 'a');
    await eventually(() => told.deliveries.length === 1);
    hub.answer = () => NEVER;
    const waiting = told.client.subscribe('e', 'new', told.keep);
    await eventually(() => hub.asked('subscribe').length === 2);
    hub.keep('e', 'b');
    hub.answer = () => undefined;
    await reconnect(hub, told);
    await waiting;
    expect(hub.asked('subscribe').slice(1)).toEqual([
      ['e', 'new'],
      ['e', 'new', { after: 'e1:1' }],
    ]);
    expect(dataOf(told)).toEqual(['a', 'b']);
  });
});

describe('a delivery', () => {
  it('is dropped if it is not newer than the last one of its epoch', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    for (const position of ['e1:1', 'e1:1', 'e1:3', 'e1:2', 'e1:4']) {
      hub.call('ReceiveEvent', 'e', 'c', position, { position, time: 1 });
    }
    await eventually(() => told.deliveries.at(-1)?.position === 'e1:4');
    expect(dataOf(told)).toEqual(['e1:1', 'e1:3', 'e1:4']);
  });

  it('of a new epoch is delivered, whatever its offset', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    for (const position of ['e1:7', 'e2:3', 'e2:3', 'e2:4']) {
      hub.call('ReceiveEvent', 'e', 'c', position, { position, time: 1 });
    }
    await eventually(() => told.deliveries.at(-1)?.position === 'e2:4');
    expect(dataOf(told)).toEqual(['e1:7', 'e2:3', 'e2:4']);
  });

  it('that says recovered: false is delivered, and is told to onGap', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.call('ReceiveEvent', 'e', 'c', 'x', { position: 'e2:9', time: 1, recovered: false });
    await eventually(() => told.deliveries.length === 1);
    expect(told.deliveries[0]?.recovered).toBe(false);
    expect(told.gaps).toEqual([{ eventguid: 'e', after: 'e1:0', position: 'e2:9' }]);
  });

  it('of nobody’s event is dropped', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.call('ReceiveEvent', 'other', 'c', 'x', { position: 'e1:1', time: 1 });
    hub.trigger('e', 'mine');
    await eventually(() => told.deliveries.length === 1);
    expect(dataOf(told)).toEqual(['mine']);
  });
});

describe('a gap', () => {
  it('is told when the hub cannot recover, and the subscription goes on from there', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent' ? { ok: true, position: 'e2:5', recovered: false } : undefined;
    await reconnect(hub, told);
    expect(told.gaps).toEqual([{ eventguid: 'e', after: 'e1:0', position: 'e2:5' }]);
    expect(subscription.position).toBe('e2:5');
    await reconnect(hub, told);
    expect(hub.asked('subscribe')[2]).toEqual(['e', 'c', { after: 'e2:5' }]);
  });

  it('does not undo what was delivered before the reply', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => {
      if (method !== 'SubscribeToEvent') return undefined;
      hub.call('ReceiveEvent', 'e', 'c', 'x', { position: 'e2:6', time: 1 });
      return { ok: true, position: 'e2:5', recovered: false };
    };
    await reconnect(hub, told);
    expect(subscription.position).toBe('e2:6');
  });
});

describe('a one-shot', () => {
  it('ends the subscription, which is not subscribed again', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => told.deliveries.length === 1);
    expect(subscription).toMatchObject({ state: 'ended', ended: true, position: 'e1:1' });
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('leaves its handler free to subscribe again', async () => {
    const { hub, ...told } = await start();
    const first = await told.client.subscribe('e', 'c', async (delivery) => {
      told.keep(delivery);
      await told.client.subscribe('e', 'again', told.keep);
    });
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => hub.asked('subscribe').length === 2 && hub.outstanding === 0);
    hub.trigger('e', 'next');
    await eventually(() => told.deliveries.length === 2);
    expect(told.deliveries.map(({ cookie }) => cookie)).toEqual(['c', 'again']);
    expect(first.state).toBe('ended');
  });

  it('that is delivered before the reply ends the subscription too', async () => {
    const { hub, ...told } = await start();
    hub.answer = ({ method }) => {
      if (method === 'SubscribeToEvent')
        hub.call('ReceiveEvent', 'e', 'c', 'x', { position: 'e1:1', time: 1, ended: true });
      return method === 'SubscribeToEvent' ? { ok: true, position: 'e1:0' } : undefined;
    };
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    expect(subscription.state).toBe('ended');
    expect(dataOf(told)).toEqual(['x']);
  });

  it('among what is recovered is delivered and ends the subscription', async () => {
    const { hub, ...told } = await start();
    hub.answer = () => ({ ok: true, position: 'e1:5', recovered: true, ended: true });
    const subscription = await told.client.subscribe('e', 'c', told.keep, { after: 'e1:0' });
    hub.answer = () => undefined;
    hub.call('ReceiveEvent', 'e', 'c', 'a', { position: 'e1:1', time: 1 });
    hub.call('ReceiveEvent', 'e', 'c', 'last', { position: 'e1:2', time: 1, ended: true });
    await eventually(() => told.deliveries.length === 2);
    expect(subscription.state).toBe('ended');
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(1);
    expect(told.gaps).toEqual([]);
    await expect(told.client.subscribe('e', 'new', told.keep)).resolves.not.toBe(subscription);
  });

  it('among what is recovered ends the subscription only when it is delivered, for the handler that asked for it', async () => {
    const { hub, ...told } = await start();
    hub.answer = () => ({ ok: true, position: 'e1:5', recovered: true, ended: true });
    const states: string[] = [];
    const first = await told.client.subscribe(
      'e',
      'old',
      (delivery) => {
        states.push(`${String(delivery.data)} ${first.state}`);
        told.keep(delivery);
      },
      { after: 'e1:0' },
    );
    expect(first).toMatchObject({ state: 'active', ended: false });
    hub.answer = () => undefined;
    hub.call('ReceiveEvent', 'e', 'old', 'a', { position: 'e1:1', time: 1 });
    hub.call('ReceiveEvent', 'e', 'old', 'last', { position: 'e1:2', time: 1, ended: true });
    await eventually(() => first.ended);
    expect(states).toEqual(['a active', 'last ended']);
    const renewed: unknown[] = [];
    await told.client.subscribe('e', 'new', ({ data }) => renewed.push(data));
    hub.trigger('e', 'next');
    await eventually(() => renewed.length === 1);
    expect(renewed).toEqual(['next']);
    expect(dataOf(told)).toEqual(['a', 'last']);
  });

  it('that is lost with the connection is told to onGap before the subscription is ended', async () => {
    const states: string[] = [];
    const { hub, ...told } = await start({ onGap: () => states.push(subscription.state) });
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent'
        ? { ok: true, position: 'e1:3', recovered: true, ended: true }
        : undefined;
    const subscription = await told.client.subscribe('e', 'c', told.keep, { after: 'e1:3' });
    await reconnect(hub, told);
    expect(states).toEqual(['active']);
    expect(subscription.state).toBe('ended');
  });

  it('that is lost with the connection is told to onGap', async () => {
    const { hub, ...told } = await start();
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent'
        ? { ok: true, position: 'e1:3', recovered: true, ended: true }
        : undefined;
    await told.client.subscribe('e', 'c', told.keep, { after: 'e1:3' });
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(1);
    expect(told.gaps).toEqual([{ eventguid: 'e', after: 'e1:3', position: 'e1:3' }]);
  });

  it('that ended an earlier subscription leaves the present one alone', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'old', told.keep);
    // A one-shot at 4 has cut the first subscription before its delivery arrives: the second one begins after it.
    hub.answer = () => ({ ok: true, position: 'e1:4' });
    await told.client.subscribe('e', 'new', told.keep);
    hub.call('ReceiveEvent', 'e', 'old', 'cut', { position: 'e1:4', time: 1, ended: true });
    hub.call('ReceiveEvent', 'e', 'new', 'next', { position: 'e1:5', time: 1 });
    await eventually(() => told.deliveries.length === 2);
    expect(dataOf(told)).toEqual(['cut', 'next']);
    expect(subscription.state).toBe('active');
  });
});

describe('a subscription that the hub has ended without a delivery', () => {
  it('is removed, told to onGap, and not made again by a reconnect', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.call('SubscriptionEnded', 'e');
    await eventually(() => subscription.ended);
    expect(subscription.state).toBe('removed');
    expect(told.gaps).toHaveLength(1);
    await reconnect(hub, told);
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('can be made anew', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.call('SubscriptionEnded', 'e');
    await eventually(() => told.gaps.length === 1);
    const again = await told.client.subscribe('e', 'c', told.keep);
    hub.trigger('e', 'a');
    await eventually(() => told.deliveries.length === 1);
    expect(again.state).toBe('active');
  });
});
