import { CLOSE_REASONS, HubError } from '@ringback/contract';
import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf } from '../test/code-of.js';
import { eventually } from '../test/eventually.js';
import { ManualClock } from '../test/manual-clock.js';
import { Setting } from '../test/setting.js';
import { backoffMs } from './backoff.js';
import type { LinkListener, Transport } from './transports/transport.js';

const setting = new Setting();
afterEach(() => setting.close());

/** A transport whose links open and are lost when a test says so. */
class ManualTransport implements Transport {
  readonly opened: LinkListener[] = [];

  open(listener: LinkListener) {
    this.opened.push(listener);
    const never = () => Promise.reject(new HubError('forbidden'));
    return {
      subscribe: never,
      unsubscribe: never,
      trigger: never,
      acknowledge: never,
      close: () => undefined,
    };
  }

  lose(): void {
    this.opened.at(-1)?.onClosed({ name: 'closed', message: 'Lost.', final: false });
  }
}

async function manual(random: number) {
  const clock = new ManualClock();
  const transport = new ManualTransport();
  const options = {
    clock,
    transport,
    random: () => random,
    minDelayMs: 250,
    maxDelayMs: 10_000,
    timeoutMs: 60_000,
  };
  const told = setting.client({ url: 'unused' }, options);
  const connecting = told.client.connect();
  transport.opened[0]?.onOpen();
  await connecting;
  const lastDelay = () => {
    const last = told.statuses.at(-1);
    return last?.state === 'reconnecting' ? [last.attempt, last.delayMs] : last?.state;
  };
  return { ...told, clock, transport, lastDelay };
}

describe('backoffMs', () => {
  const options = { minDelayMs: 250, maxDelayMs: 10_000 };

  it('doubles its bound up to the longest', () => {
    const bounds = [1, 2, 3, 6, 7, 2_000].map((attempt) =>
      backoffMs(attempt, { ...options, random: () => 1 }),
    );
    expect(bounds).toEqual([250, 500, 1_000, 8_000, 10_000, 10_000]);
  });

  it('takes any delay from none to the bound', () => {
    const delays = [0, 0.5, 0.999].map((drawn) => backoffMs(3, { ...options, random: () => drawn }));
    expect(delays).toEqual([0, 500, 999]);
  });
});

describe('Reconnector', () => {
  it('opens the next link when the delay is over, not before', async () => {
    const { transport, clock, lastDelay } = await manual(0.5);
    transport.lose();
    expect(lastDelay()).toEqual([1, 125]);
    clock.advance(124);
    expect(transport.opened).toHaveLength(1);
    clock.advance(1);
    expect(transport.opened).toHaveLength(2);
    transport.lose();
    expect(lastDelay()).toEqual([2, 250]);
  });

  it('starts over with short delays only after a connection that has lasted', async () => {
    const { transport, clock, lastDelay } = await manual(1);
    transport.lose();
    clock.advance(250);
    transport.opened[1]?.onOpen();
    clock.advance(9_999);
    transport.lose();
    expect(lastDelay()).toEqual([2, 500]);
    clock.advance(500);
    transport.opened[2]?.onOpen();
    clock.advance(10_000);
    transport.lose();
    expect(lastDelay()).toEqual([1, 250]);
  });

  it('does not listen to a link that is gone', async () => {
    const { transport, clock, statuses, deliveries, keep, client } = await manual(0);
    transport.lose();
    clock.advance(0);
    const [first, second] = transport.opened;
    const seen = statuses.length;
    first?.onOpen();
    first?.onClosed({ name: 'closed-by-operator', message: 'Old news.', final: true });
    expect(statuses).toHaveLength(seen);
    second?.onOpen();
    expect(statuses.at(-1)).toEqual({ state: 'connected' });
    const subscribing = codeOf(client.subscribe('e', 'c', keep));
    first?.onDelivery({ eventguid: 'e', cookie: 'c', data: 'x', position: 'e:1', time: 1 });
    expect(await subscribing).toBe('forbidden');
    expect(deliveries).toEqual([]);
  });

  it('opens nothing more once it is closed', async () => {
    const { transport, clock, client, lastDelay } = await manual(1);
    transport.lose();
    client.close();
    clock.advance(10_000);
    expect(transport.opened).toHaveLength(1);
    expect(lastDelay()).toBe('closed');
  });

  it('hears a program that closes the client as soon as it is connected', async () => {
    const hub = await setting.hub();
    const told: string[] = [];
    const { client } = setting.client(hub, {
      onStatus: ({ state }) => {
        told.push(state);
        if (state === 'connected') client.close();
      },
    });
    await expect(client.connect()).rejects.toMatchObject({ code: 'closed' });
    const states: string[] = [];
    for await (const { state } of client.status()) states.push(state);
    expect(states).toEqual(['closed']);
    expect(told).toEqual(['connecting', 'connected', 'closed']);
  });

  it('comes back after a close reason of the range that says so, and tells it', async () => {
    const hub = await setting.hub();
    const { statuses } = await setting.connected(hub);
    hub.close(CLOSE_REASONS.draining);
    await eventually(() => statuses.filter(({ state }) => state === 'connected').length === 2);
    expect(statuses[2]).toMatchObject({
      state: 'reconnecting',
      attempt: 1,
      reason: { code: 4002, name: 'draining' },
    });
  });

  it('stays away after a close reason of the other range, even one that it does not know', async () => {
    for (const reason of [
      CLOSE_REASONS['session-taken-over'],
      { code: 4999, name: 'of-tomorrow', message: 'Never.' },
    ]) {
      const hub = await setting.hub();
      const { client, statuses } = await setting.connected(hub);
      hub.close(reason);
      await eventually(() => statuses.at(-1)?.state === 'closed');
      expect(statuses.at(-1)).toEqual({ state: 'closed', reason: { ...reason, final: true } });
      await expect(client.trigger('e')).rejects.toMatchObject({ code: 'closed', message: reason.message });
      expect(hub.tokens).toHaveLength(1);
    }
  });

  it('stays away when a reconnect is refused with what waiting does not mend', async () => {
    const hub = await setting.hub();
    const { statuses } = await setting.connected(hub);
    hub.refusal = { code: 'unauthorized', message: 'The token has run out.' };
    hub.drop();
    await eventually(() => statuses.at(-1)?.state === 'closed');
    expect(statuses.at(-1)).toMatchObject({ reason: { name: 'unauthorized', final: true } });
    expect(hub.tokens).toHaveLength(2);
  });

  it('comes back after a connection that broke', async () => {
    const hub = await setting.hub();
    const { client, statuses } = await setting.connected(hub);
    hub.drop();
    await eventually(() => statuses.length === 4);
    expect(statuses.map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
      'reconnecting',
      'connected',
    ]);
    await expect(client.trigger('e')).resolves.toMatchObject({ position: 'e1:1' });
  });
});
