import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { EventHubClient, type EventHubClientOptions } from './event-hub-client.js';
import { ForeignEventHub } from './testing/foreign-event-hub.js';

describe('EventHubClient', () => {
  const received: string[][] = [];
  let remote: ForeignEventHub;
  let log: RecordingLog;
  const clients: EventHubClient[] = [];

  const open = (options: Partial<EventHubClientOptions> = {}): EventHubClient => {
    const client = new EventHubClient({
      url: remote.url,
      onEvent: (...strings) => void received.push(strings),
      log,
      minDelayMs: 5,
      maxDelayMs: 20,
      ...options,
    });
    clients.push(client);
    client.start();
    return client;
  };
  const connected = async (client: EventHubClient): Promise<EventHubClient> => {
    await waitFor(() => client.connected, 'the connection');
    return client;
  };

  beforeEach(async () => {
    received.length = 0;
    log = new RecordingLog();
    remote = await ForeignEventHub.start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await remote.close();
  });

  it('subscribes with what it was told before and after it has connected, the last cookie wins', async () => {
    const client = open();
    client.subscribe('a', 'first');
    client.subscribe('a', 'second');
    await connected(client);
    client.subscribe('b', 'other');
    await waitFor(() => remote.subscribers('b').length === 1, 'the subscription');
    await remote.trigger('a', 'x');
    await remote.trigger('b');
    await waitFor(() => received.length === 2, 'deliveries');
    expect(received).toEqual([
      ['a', 'second', 'x'],
      ['b', 'other', ''],
    ]);
  });

  it('subscribes again on every new connection, however long the remote hub was away', async () => {
    const states: boolean[] = [];
    const client = open({ onState: (state) => states.push(state) });
    client.subscribe('a', 'cookie');
    await connected(client);
    await remote.close();
    await waitFor(() => !client.connected, 'the loss');
    await waitFor(
      () => log.lines.filter(({ message }) => message === 'remote hub not reached').length > 2,
      'attempts',
    );
    await remote.listen();
    await connected(client);
    expect(remote.subscribers('a')).toEqual(['cookie']);
    expect(states).toEqual([true, false, true]);
  });

  it('subscribes again after a delivery, which may have been a one-shot, but not to what it has unsubscribed from', async () => {
    const client = await connected(open());
    client.subscribe('kept', 'c');
    client.subscribe('left', 'c');
    await waitFor(() => remote.subscribers('left').length === 1, 'the subscriptions');
    for (const eventguid of ['left', 'kept']) await remote.trigger(eventguid, 'x', true);
    await waitFor(() => received.length === 2, 'deliveries');
    client.unsubscribe('left');
    await waitFor(() => remote.subscribers('kept').length === 1, 'the subscription again');
    expect(remote.subscribers('left')).toEqual([]);
  });

  it('comes back after 401 with a token asked for anew', async () => {
    remote.token = 'good';
    let asked = 0;
    const client = open({ accessToken: () => (++asked < 3 ? 'stale' : 'good') });
    await connected(client);
    expect(asked).toBeGreaterThanOrEqual(3);
    const logged = JSON.stringify(log.lines, (_, value: unknown) =>
      value instanceof Error ? value.message : value,
    );
    expect(logged).not.toContain('stale');
  });

  it('ends a subscription with the word of the protocol, and does not take it up again', async () => {
    const client = open();
    client.subscribe('a', 'cookie');
    await connected(client);
    client.unsubscribe('a');
    await waitFor(() => remote.subscribers('a').length === 0, 'the end');
    expect(remote.calls).toEqual([
      ['a', 'cookie'],
      ['a', 'endsubscription'],
    ]);
    await remote.close();
    await remote.listen();
    await waitFor(() => remote.connections === 1 && client.connected, 'the new connection');
    expect(remote.calls).toHaveLength(2);
  });

  it('triggers, and tells what the remote hub refuses and that it is away', async () => {
    const client = await connected(open());
    await client.trigger('a', 'data', true);
    expect(remote.triggers).toEqual([{ eventguid: 'a', data: 'data', removeAfterSend: true }]);
    remote.refused.add('a');
    await expect(client.trigger('a', 'data', false)).rejects.toMatchObject({ code: 'forbidden' });
    await client.close();
    await expect(client.trigger('a', 'data', false)).rejects.toMatchObject({ code: 'closed' });
  });

  it('stays connected where one subscription is refused, and logs it without the cookie', async () => {
    remote.refused.add('a');
    const client = open();
    client.subscribe('a', 'secret');
    client.subscribe('b', 'cookie');
    await connected(client);
    expect(remote.subscribers('b')).toEqual(['cookie']);
    const refusal = log.lines.find(({ message }) => message === 'subscription refused');
    expect(refusal?.fields).toMatchObject({ eventguid: 'a', url: `${remote.url}/RealtimeEventPushHub` });
    expect(Object.values(refusal?.fields ?? {})).not.toContain('secret');
  });

  it('goes on after a delivery that its user fails on', async () => {
    const client = open({
      onEvent: (eventguid, ...rest) => {
        received.push([eventguid, ...rest]);
        if (received.length === 1) throw new Error('The user is at fault.');
      },
    });
    client.subscribe('a', 'cookie');
    await connected(client);
    await remote.trigger('a', '1');
    await remote.trigger('a', '2');
    await waitFor(() => received.length === 2, 'both');
    expect(log.lines.map(({ message }) => message)).toContain('delivery failed');
  });

  it('can be closed while it connects, and delivers nothing afterwards', async () => {
    const client = open();
    await client.close();
    expect(client.connected).toBe(false);
    const other = open();
    other.subscribe('a', 'cookie');
    await connected(other);
    const closing = other.close();
    await remote.trigger('a', 'late');
    await closing;
    expect(received).toEqual([]);
  });
});
