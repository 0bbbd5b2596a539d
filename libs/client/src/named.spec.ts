import { CLOSE_REASONS } from '@ringback/contract';
import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf } from '../test/code-of.js';
import { eventually } from '../test/eventually.js';
import { NEVER, type FakeHub } from '../test/fake-hub.js';
import { ManualClock } from '../test/manual-clock.js';
import { Setting, type Told } from '../test/setting.js';
import type { ClientOptions } from './client-options.js';
import type { Delivery } from './delivery.js';
import { RingbackClient } from './index.js';

const setting = new Setting();
afterEach(() => setting.close());

const named = (hub: FakeHub, options: Partial<ClientOptions> = {}) =>
  setting.connected(hub, { subscriberId: 'invoices', ...options });

async function start(options: Partial<ClientOptions> = {}) {
  const hub = await setting.hub();
  return { hub, ...(await named(hub, options)) };
}

/** A handler that a test lets succeed or fail, one delivery after another. */
class Worker {
  readonly begun: unknown[] = [];
  private readonly ends: ((error?: Error) => void)[] = [];

  readonly handle = ({ data }: Delivery): Promise<void> => {
    this.begun.push(data);
    return new Promise((resolve, reject) => {
      this.ends.push((error) => (error ? reject(error) : resolve()));
    });
  };

  end(error?: Error): void {
    this.ends.shift()?.(error);
  }
}

const dataOf = ({ deliveries }: Told) => deliveries.map(({ data }) => data);
const acknowledged = (hub: FakeHub) => hub.asked('acknowledge').map(([, position]) => position);
const isConnectedAgain = ({ statuses }: Told, times = 2) =>
  statuses.filter(({ state }) => state === 'connected').length === times;

describe('a client with a subscriberId', () => {
  it('shows it to the hub, and that it subscribes before anything is resumed, on each connection', async () => {
    const { hub, ...told } = await start({ token: 'sesame' });
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    const auth = { token: 'sesame', subscriberId: 'invoices', resume: 'on-subscribe' };
    expect(hub.auths).toEqual([auth, auth]);
  });

  it.each([{ subscriberId: '' }, { subscriberId: 'x'.repeat(129) }, { autoAcknowledge: false }])(
    'is not made with %j',
    (options) => {
      expect(() => new RingbackClient({ url: 'unused', ...options })).toThrow(
        expect.objectContaining({ code: 'bad-request' }),
      );
    },
  );

  it('gets, in the next run of the program, what it has not acknowledged, then what is live', async () => {
    const { hub, ...first } = await start();
    const worker = new Worker();
    await first.client.subscribe('e', 'c', worker.handle);
    for (const data of ['a', 'b', 'c']) hub.trigger('e', data);
    await eventually(() => worker.begun.length === 1);
    worker.end();
    await eventually(() => worker.begun.length === 2 && hub.resumesAfter('invoices', 'e') === 1);
    first.client.close();
    hub.keep('e', 'd');

    const second = await named(hub);
    const subscription = await second.client.subscribe('e', 'c', second.keep);
    hub.trigger('e', 'live');
    await eventually(() => hub.resumesAfter('invoices', 'e') === 5);
    expect(dataOf(second)).toEqual(['b', 'c', 'd', 'live']);
    expect(hub.asked('subscribe')).toEqual([
      ['e', 'c'],
      ['e', 'c'],
    ]);
    expect(subscription.position).toBe('e1:5');
  });

  it('acknowledges a delivery when its handler has succeeded, not before', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'c', worker.handle);
    hub.trigger('e', 'a');
    await eventually(() => worker.begun.length === 1);
    await told.client.trigger('another');
    expect(acknowledged(hub)).toEqual([]);
    worker.end();
    await eventually(() => hub.resumesAfter('invoices', 'e') === 1);
  });

  it('runs the handlers of one event one after the other, those of another beside them', async () => {
    const { hub, ...told } = await start();
    const [one, two] = [new Worker(), new Worker()];
    await told.client.subscribe('one', 'c', one.handle);
    await told.client.subscribe('two', 'c', two.handle);
    for (const data of ['a', 'b']) hub.trigger('one', data);
    hub.trigger('two', 'x');
    await eventually(() => two.begun.length === 1);
    expect(one.begun).toEqual(['a']);
    one.end();
    await eventually(() => one.begun.length === 2);
    expect(one.begun).toEqual(['a', 'b']);
  });

  it('hands a delivery again whose handler fails, acknowledges nothing of it, and lets those behind it wait', async () => {
    const { hub, ...told } = await start();
    let failures = 2;
    await told.client.subscribe('e', 'c', (delivery) => {
      told.keep(delivery);
      if (failures-- > 0) throw new Error('not yet');
    });
    for (const data of ['a', 'b']) hub.trigger('e', data);
    await eventually(() => hub.resumesAfter('invoices', 'e') === 2);
    expect(dataOf(told)).toEqual(['a', 'a', 'a', 'b']);
    expect(told.errors).toEqual(
      [1, 2].map(() => ({ error: new Error('not yet'), context: { eventguid: 'e', position: 'e1:1' } })),
    );
    expect(acknowledged(hub)).toEqual(['e1:1', 'e1:2']);
  });

  it('waits longer and longer before it hands a delivery again, up to maxDelayMs', async () => {
    const clock = new ManualClock();
    const { hub, ...told } = await start({ clock, minDelayMs: 100, maxDelayMs: 300 });
    await told.client.subscribe('e', 'c', (delivery) => {
      told.keep(delivery);
      return Promise.reject(new Error('never'));
    });
    hub.trigger('e', 'a');
    for (const [attempt, delayMs] of [100, 200, 300, 300].entries()) {
      await eventually(() => told.errors.length === attempt + 1);
      clock.advance(delayMs - 1);
      await Promise.resolve();
      expect(told.deliveries).toHaveLength(attempt + 1);
      clock.advance(1);
    }
    await eventually(() => told.deliveries.length === 5);
  });

  it('hands a delivery that failed to the handler that took the place of the first', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'old', worker.handle);
    hub.trigger('e', 'a');
    await eventually(() => worker.begun.length === 1);
    await told.client.subscribe('e', 'new', told.keep);
    worker.end(new Error('once'));
    await eventually(() => told.deliveries.length === 1);
    expect(told.deliveries[0]).toMatchObject({ data: 'a', cookie: 'old' });
  });

  it('has one acknowledgement of an event under way, then sends the newest', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    let waiting = true;
    hub.answer = ({ method }) => (method === 'Acknowledge' && waiting ? NEVER : undefined);
    for (const data of ['a', 'b', 'c', 'd']) hub.trigger('e', data);
    await eventually(() => told.deliveries.length === 4);
    await told.client.trigger('another');
    expect(acknowledged(hub)).toEqual(['e1:1']);
    waiting = false;
    hub.drop();
    await eventually(() => hub.resumesAfter('invoices', 'e') === 4);
    expect(acknowledged(hub)).toEqual(['e1:1', 'e1:4']);
  });

  it('acknowledges after a reconnect what was processed meanwhile, once the event is resumed there', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'c', worker.handle);
    hub.trigger('e', 'a');
    await eventually(() => worker.begun.length === 1);
    hub.refusal = { code: 'draining', message: 'Wait.' };
    hub.drop();
    await eventually(() => told.statuses.at(-1)?.state === 'reconnecting');
    worker.end();
    hub.refusal = undefined;
    await eventually(() => hub.resumesAfter('invoices', 'e') === 1);
    expect(hub.commands.map(({ method }) => method)).toEqual([
      'SubscribeToEvent',
      'SubscribeToEvent',
      'Acknowledge',
    ]);
  });

  it('tries again to acknowledge what the hub could not store', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) =>
      method === 'Acknowledge' && hub.asked('acknowledge').length < 3
        ? { ok: false, code: 'relay-unavailable', message: 'Later.' }
        : undefined;
    hub.trigger('e', 'a');
    await eventually(() => hub.resumesAfter('invoices', 'e') === 1);
    expect(told.errors).toEqual([]);
  });

  it('tells onError what the hub refuses to have acknowledged, and goes on', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) =>
      method === 'Acknowledge' ? { ok: false, code: 'bad-request', message: 'What?' } : undefined;
    hub.trigger('e', 'a');
    await eventually(() => told.errors.length === 1);
    expect(told.errors[0]).toMatchObject({ error: { code: 'bad-request' }, context: { eventguid: 'e' } });
    hub.answer = () => undefined;
    hub.trigger('e', 'b');
    await eventually(() => hub.resumesAfter('invoices', 'e') === 2);
  });

  it('leaves acknowledging to a program that wants to do it itself', async () => {
    const { hub, ...told } = await start({ autoAcknowledge: false });
    await told.client.subscribe('e', 'c', told.keep);
    for (const data of ['a', 'b', 'c']) hub.trigger('e', data);
    await eventually(() => told.deliveries.length === 3);
    await told.client.trigger('another');
    expect(acknowledged(hub)).toEqual([]);
    const [first, second] = told.deliveries;
    second?.acknowledge();
    first?.acknowledge();
    await eventually(() => hub.resumesAfter('invoices', 'e') === 2);
    await told.client.trigger('another');
    expect(acknowledged(hub)).toEqual(['e1:2']);
  });

  it('does not hand a delivery again that the program has acknowledged before its handler failed', async () => {
    const { hub, ...told } = await start({ autoAcknowledge: false });
    await told.client.subscribe('e', 'c', (delivery) => {
      told.keep(delivery);
      delivery.acknowledge();
      throw new Error('afterwards');
    });
    for (const data of ['a', 'b']) hub.trigger('e', data);
    await eventually(() => told.errors.length === 2);
    expect(dataOf(told)).toEqual(['a', 'b']);
  });

  it('subscribes again after the last delivery that has come in, though its handler is not done, and drops what comes twice', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'c', worker.handle);
    for (const data of ['a', 'b']) hub.trigger('e', data);
    await eventually(() => worker.begun.length === 1);
    await told.client.trigger('another');
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2 && hub.outstanding === 0);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'c', { after: 'e1:2' }]);
    hub.call('ReceiveEvent', 'e', 'c', 'b', { position: 'e1:2', time: 1 });
    hub.trigger('e', 'c');
    for (let count = 1; count <= 3; count++) {
      await eventually(() => worker.begun.length === count);
      worker.end();
    }
    await eventually(() => hub.resumesAfter('invoices', 'e') === 3);
    expect(worker.begun).toEqual(['a', 'b', 'c']);
  });

  it('asks on the next connection for what it was to resume, if that was lost before anything came', async () => {
    const { hub, ...told } = await start();
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent'
        ? { ok: true, position: 'e1:9', recovered: true, resumed: 'e1:4' }
        : undefined;
    await told.client.subscribe('e', 'c', told.keep);
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'c', { after: 'e1:4' }]);
  });

  it('leaves it to the session where to resume until the hub has answered once', async () => {
    const { hub, ...told } = await start();
    hub.answer = ({ method }) => {
      if (method !== 'SubscribeToEvent' || hub.asked('subscribe').length > 1) return undefined;
      hub.call('ReceiveEvent', 'e', 'c', 'a', { position: 'e1:1', time: 1 });
      return NEVER;
    };
    const waiting = told.client.subscribe('e', 'c', told.keep);
    await eventually(() => told.deliveries.length === 1);
    hub.drop();
    await waiting;
    expect(hub.asked('subscribe')).toEqual([
      ['e', 'c'],
      ['e', 'c'],
    ]);
  });

  it('asks on a new connection when the hub does not say in time what it resumes', async () => {
    const { hub, ...told } = await start({ timeoutMs: 100 });
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? NEVER : undefined);
    await expect(told.client.subscribe('e', 'c', told.keep)).rejects.toMatchObject({ code: 'timeout' });
    await eventually(() => isConnectedAgain(told));
    expect(hub.asked('unsubscribe')).toEqual([]);
  });

  it('asks on a new connection for what came while nobody was subscribed, unless there is one anyway', async () => {
    const { hub, ...told } = await start();
    const skipOne = async (): Promise<void> => {
      hub.answer = ({ method }) => {
        if (method !== 'SubscribeToEvent') return undefined;
        hub.call('ReceiveEvent', 'e', 'c', 'early', { position: 'e1:1', time: 1 });
        return { ok: false, code: 'relay-unavailable', message: 'Later.' };
      };
      expect(await codeOf(told.client.subscribe('e', 'c', told.keep))).toBe('relay-unavailable');
      hub.answer = () => undefined;
      hub.call('ReceiveEvent', 'e', 'c', 'more', { position: 'e1:2', time: 1 });
      await told.client.trigger('another');
    };
    await skipOne();
    await told.client.subscribe('e', 'c', told.keep);
    expect(hub.tokens).toHaveLength(2);
    await told.client.unsubscribe('e');
    await skipOne();
    hub.drop();
    await eventually(() => isConnectedAgain(told, 3));
    await told.client.subscribe('e', 'c', told.keep);
    expect(hub.tokens).toHaveLength(3);
  });

  it('goes away when more of an event waits for its handler than it keeps, and resumes it when that has caught up', async () => {
    const { hub, ...told } = await start();
    const [slow, quick] = [new Worker(), new Worker()];
    await told.client.subscribe('slow', 'c', slow.handle);
    await told.client.subscribe('quick', 'c', quick.handle);
    for (let count = 0; count < 10_050; count++) hub.trigger('slow', '');
    await eventually(() => isConnectedAgain(told));
    await eventually(() => hub.asked('subscribe').length === 3 && hub.outstanding === 0);
    expect(hub.asked('subscribe')[2]).toEqual(['quick', 'c', { after: 'e1:0' }]);
    expect(told.statuses[2]).toMatchObject({ state: 'reconnecting', reason: { name: 'slow-consumer' } });
    hub.trigger('quick', 'x');
    await eventually(() => quick.begun.length === 1);
    while (hub.asked('subscribe').length < 4) {
      slow.end();
      await new Promise(setImmediate);
    }
    expect(hub.asked('subscribe')[3]).toEqual(['slow', 'c', { after: 'e1:10000' }]);
    expect(slow.begun.length).toBeGreaterThanOrEqual(5_000);
    while (slow.begun.length < 10_050) {
      slow.end();
      await new Promise(setImmediate);
    }
  });

  it('comes back when its session could not be taken, and stays away when a newer client has it', async () => {
    const { hub, ...told } = await start();
    hub.close(CLOSE_REASONS['session-acquire-failed']);
    await eventually(() => isConnectedAgain(told));
    hub.close(CLOSE_REASONS['offline-session-limit']);
    await eventually(() => isConnectedAgain(told, 3));
    hub.close(CLOSE_REASONS['session-taken-over']);
    await eventually(() => told.statuses.at(-1)?.state === 'closed');
    expect(told.statuses.at(-1)).toMatchObject({ reason: { name: 'session-taken-over', final: true } });
  });

  it('takes no part in presence', async () => {
    const { client, keep } = await start();
    await expect(client.subscribe('e', 'c', keep, { onPresence: () => undefined })).rejects.toMatchObject({
      code: 'bad-request',
    });
  });

  it('hands nothing over, and acknowledges nothing, once it is closed', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'c', worker.handle);
    for (const data of ['a', 'b']) hub.trigger('e', data);
    await eventually(() => worker.begun.length === 1);
    told.client.close();
    worker.end();
    await eventually(() => hub.connections === 0);
    expect(worker.begun).toEqual(['a']);
    expect(acknowledged(hub)).toEqual([]);
  });
});

describe('unsubscribe with a subscriberId', () => {
  it('drops what waits, acknowledges nothing more, and begins anew with the next subscribe', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'c', worker.handle);
    for (const data of ['a', 'b']) hub.trigger('e', data);
    await eventually(() => worker.begun.length === 1);
    hub.answer = ({ method }) => {
      if (method === 'UnsubscribeFromEvent') hub.trigger('e', 'late');
      return undefined;
    };
    await told.client.unsubscribe('e');
    hub.answer = () => undefined;
    worker.end();
    expect(hub.resumesAfter('invoices', 'e')).toBeUndefined();
    await told.client.subscribe('e', 'c', told.keep);
    hub.trigger('e', 'c');
    await eventually(() => told.deliveries.length === 1);
    expect(dataOf(told)).toEqual(['c']);
    expect(worker.begun).toEqual(['a']);
    expect(hub.tokens).toHaveLength(1);
  });

  it('ends what an earlier run of the program has left', async () => {
    const { hub, ...first } = await start();
    await first.client.subscribe('e', 'c', first.keep);
    first.client.close();
    const { client } = await named(hub);
    await client.unsubscribe('e');
    expect(hub.resumesAfter('invoices', 'e')).toBeUndefined();
  });

  it('is asked again on the next connection if one is lost before the reply', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) => (method === 'UnsubscribeFromEvent' ? NEVER : undefined);
    const ended = told.client.unsubscribe('e');
    await eventually(() => hub.asked('unsubscribe').length === 1);
    hub.answer = () => undefined;
    hub.drop();
    await ended;
    expect(hub.resumesAfter('invoices', 'e')).toBeUndefined();
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('that fails is made up for by the next subscribe, on whichever connection', async () => {
    const { hub, ...told } = await start();
    await told.client.subscribe('e', 'old', told.keep);
    hub.answer = ({ method }) =>
      method === 'UnsubscribeFromEvent'
        ? { ok: false, code: 'relay-unavailable', message: 'Unknown.' }
        : undefined;
    await expect(told.client.unsubscribe('e')).rejects.toMatchObject({ code: 'relay-unavailable' });
    hub.answer = () => undefined;
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    hub.keep('e', 'not wanted');
    await told.client.subscribe('e', 'new', told.keep);
    hub.trigger('e', 'wanted');
    await eventually(() => told.deliveries.length === 1);
    expect(dataOf(told)).toEqual(['wanted']);
  });

  it('ends a handler’s failing over a delivery that ended the subscription', async () => {
    const { hub, ...told } = await start({ minDelayMs: 60_000, maxDelayMs: 60_000 });
    const subscription = await told.client.subscribe('e', 'c', () => {
      throw new Error('always');
    });
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => told.errors.length === 1);
    expect(subscription.state).toBe('ended');
    await subscription.unsubscribe();
    expect(hub.asked('unsubscribe')).toHaveLength(1);
    await told.client.subscribe('e', 'c', told.keep);
    hub.trigger('e', 'next');
    await eventually(() => told.deliveries.length === 1);
    expect(dataOf(told)).toEqual(['next']);
    expect(told.errors).toHaveLength(1);
  });
});

describe('a one-shot with a subscriberId', () => {
  it('ends the subscription when its handler gets it, and is acknowledged', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    const subscription = await told.client.subscribe('e', 'c', worker.handle);
    hub.trigger('e', 'a');
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => worker.begun.length === 1);
    expect(subscription.state).toBe('active');
    worker.end();
    await eventually(() => worker.begun.length === 2);
    expect(subscription.state).toBe('ended');
    worker.end();
    await eventually(() => hub.resumesAfter('invoices', 'e') === 2);
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    await told.client.trigger('another', '', { retryForMs: 5_000 });
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('of an earlier run is handed over with its old cookie; the present subscription goes on behind it', async () => {
    const { hub, ...told } = await start();
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent'
        ? { ok: true, position: 'e2:9', recovered: true, resumed: 'e2:3' }
        : undefined;
    const subscription = await told.client.subscribe('e', 'new', told.keep);
    hub.call('ReceiveEvent', 'e', 'old', 'missed', { position: 'e1:4', time: 1 });
    // The history has begun anew since: the offset tells that this was before the present subscription.
    hub.call('ReceiveEvent', 'e', 'old', 'last', { position: 'e1:5', time: 1, ended: true });
    hub.call('ReceiveEvent', 'e', 'new', 'next', { position: 'e2:10', time: 1 });
    await eventually(() => told.deliveries.length === 3);
    expect(told.deliveries.map(({ cookie, data }) => `${cookie} ${String(data)}`)).toEqual([
      'old missed',
      'old last',
      'new next',
    ]);
    expect(subscription.state).toBe('active');
    hub.call('ReceiveEvent', 'e', 'new', 'end', { position: 'e2:11', time: 1, ended: true });
    await eventually(() => subscription.ended);
  });

  it('of an earlier run leaves the present subscription alone, though it comes on a later connection', async () => {
    const { hub, ...told } = await start();
    const reply = { ok: true, position: 'e1:9', recovered: true, resumed: 'e1:3' };
    hub.answer = ({ method }) => (method === 'SubscribeToEvent' ? reply : undefined);
    const subscription = await told.client.subscribe('e', 'new', told.keep);
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2 && hub.outstanding === 0);
    hub.call('ReceiveEvent', 'e', 'old', 'last', { position: 'e1:5', time: 1, ended: true });
    hub.call('ReceiveEvent', 'e', 'new', 'next', { position: 'e1:10', time: 1 });
    await eventually(() => told.deliveries.length === 2);
    expect(subscription.state).toBe('active');
  });

  it('is acknowledged on the next connection, where nothing is subscribed to any more', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    const subscription = await told.client.subscribe('e', 'c', worker.handle);
    for (const ended of [false, false, true]) hub.trigger('e', 'x', { ended });
    await eventually(() => worker.begun.length === 1);
    await told.client.trigger('another');
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    expect(subscription.state).toBe('active');
    worker.end();
    await eventually(() => hub.resumesAfter('invoices', 'e') === 1);
    expect(subscription.state).toBe('active');
    worker.end();
    await eventually(() => worker.begun.length === 3);
    hub.refusal = { code: 'draining', message: 'Wait.' };
    hub.drop();
    await eventually(() => told.statuses.at(-1)?.state === 'reconnecting');
    worker.end();
    hub.refusal = undefined;
    await eventually(() => hub.resumesAfter('invoices', 'e') === 3);
    expect(hub.asked('subscribe')).toHaveLength(1);
  });

  it('that waits for its handler leaves the program free to begin anew', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    const subscription = await told.client.subscribe('e', 'old', worker.handle);
    for (const ended of [false, true]) hub.trigger('e', 'x', { ended });
    await eventually(() => worker.begun.length === 1);
    await told.client.trigger('another');
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    expect(await told.client.subscribe('e', 'new', told.keep)).toBe(subscription);
    expect(hub.asked('subscribe')[1]).toEqual(['e', 'new']);
    worker.end();
    hub.trigger('e', 'next');
    await eventually(() => told.deliveries.length === 2);
    expect(told.deliveries.map(({ cookie }) => cookie)).toEqual(['old', 'new']);
    expect(subscription.state).toBe('active');
  });

  it('is not handed again to a handler that failed over it once the client is closed', async () => {
    const clock = new ManualClock();
    const { hub, ...told } = await start({ clock });
    await told.client.subscribe('e', 'c', () => {
      throw new Error('always');
    });
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => told.errors.length === 1);
    told.client.close();
    clock.advance(60_000);
    await eventually(() => hub.connections === 0);
    expect(told.errors).toHaveLength(1);
  });

  it('behind a lost connection is asked for again, and ends the subscription', async () => {
    const { hub, ...told } = await start();
    const subscription = await told.client.subscribe('e', 'c', told.keep);
    hub.answer = ({ method }) =>
      method === 'SubscribeToEvent'
        ? { ok: true, position: 'e1:2', recovered: true, resumed: 'e1:0', ended: true }
        : undefined;
    hub.drop();
    await eventually(() => hub.asked('subscribe').length === 2 && hub.outstanding === 0);
    hub.drop(); // before anything was delivered
    await eventually(() => hub.asked('subscribe').length === 3 && hub.outstanding === 0);
    expect(subscription.state).toBe('active');
    hub.call('ReceiveEvent', 'e', 'c', 'a', { position: 'e1:1', time: 1 });
    hub.call('ReceiveEvent', 'e', 'c', 'last', { position: 'e1:2', time: 1, ended: true });
    await eventually(() => subscription.ended);
    expect(dataOf(told)).toEqual(['a', 'last']);
    expect(told.gaps).toEqual([]);
    expect(hub.asked('subscribe').slice(1)).toEqual([
      ['e', 'c', { after: 'e1:0' }],
      ['e', 'c', { after: 'e1:0' }],
    ]);
  });

  it('does not come again to a subscription that is made while its handler runs', async () => {
    const { hub, ...told } = await start();
    const worker = new Worker();
    await told.client.subscribe('e', 'old', worker.handle);
    hub.trigger('e', 'last', { ended: true });
    await eventually(() => worker.begun.length === 1);
    hub.drop();
    await eventually(() => isConnectedAgain(told));
    await told.client.subscribe('e', 'new', told.keep); // not acknowledged yet: the hub delivers it again
    hub.trigger('e', 'next');
    await told.client.trigger('another');
    expect(dataOf(told)).toEqual([]);
    worker.end();
    await eventually(() => told.deliveries.length === 1);
    expect(dataOf(told)).toEqual(['next']);
    await eventually(() => hub.resumesAfter('invoices', 'e') === 2);
  });
});
