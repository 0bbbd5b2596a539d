import { describe, expect, it } from '@jest/globals';
import { jsonProtocol } from '../protocols/index.js';
import { settle, testServer, until } from './testing/test-server.js';

const seen: unknown[] = [];
const methods = { Note: { args: 1, call: (_: unknown, value: unknown) => void seen.push(value) } };
const note = (value: unknown) => ({ type: 1, target: 'Note', arguments: [value] });
const told = (value: unknown) =>
  String(jsonProtocol.write({ type: 'invocation', target: 'm', args: [value] }));
const setUp = (settings: Parameters<typeof testServer>[1] = {}) => {
  seen.length = 0;
  const parts = testServer({ methods }, settings);
  const client = parts.connect({ statefulReconnect: true }).shakesHands(2);
  client.forget();
  return { ...parts, client };
};

describe('stateful reconnect', () => {
  it('acknowledges what is new, once a second', () => {
    const { timers, client } = setUp();
    client.says(note('a'), { type: 6 }, note('b'));
    timers.pass(1000);
    timers.pass(5000);
    expect(client.ofType(8)).toEqual([{ type: 8, sequenceId: 2 }]);
  });

  it('says where it goes on and sends again what was not acknowledged', async () => {
    const { hub, client } = setUp();
    for (const value of [1, 2, 3]) await hub.clients.all.send('m', value);
    client.says({ type: 8, sequenceId: 1 });
    client.forget();
    client.comesBack();
    expect(client.received.map((message) => message['sequenceId'] ?? message['arguments'])).toEqual([
      2,
      [2],
      [3],
    ]);
    expect(client.received[0]?.['type']).toBe(9);
  });

  it('says the next number when nothing is kept', async () => {
    const { hub, client } = setUp();
    await hub.clients.all.send('m', 1);
    client.says({ type: 8, sequenceId: 1 });
    client.forget();
    client.comesBack();
    expect(client.received).toEqual([{ type: 9, sequenceId: 2 }]);
  });

  it('counts what it has seen before and does not deliver it again', async () => {
    const { timers, client } = setUp();
    client.says(note('a'), note('b'));
    client.comesBack();
    client.says(note('too early'), { type: 9, sequenceId: 2 }, note('b'), note('c'));
    await settle();
    expect(seen).toEqual(['a', 'b', 'c']);
    timers.pass(1000);
    expect(client.ofType(8)).toEqual([{ type: 8, sequenceId: 3 }]);
  });

  it('forgets the half of a message that was cut', async () => {
    const { client } = setUp();
    client.saysText('{"type":1,"target":"No');
    client.comesBack();
    client.says({ type: 9, sequenceId: 1 }, note('a'));
    await until(() => seen.length > 0);
    expect(client.ended).toEqual([]);
  });

  it('ends on a gap', () => {
    const { client } = setUp({ detailedErrors: true });
    client.says(note('a'));
    client.comesBack();
    client.says({ type: 9, sequenceId: 3 });
    expect(client.received.at(-1)).toEqual({
      type: 7,
      error:
        "Connection closed with an error. InvalidDataException: Sequence ID greater than amount of messages we've received.",
      allowReconnect: true,
    });
  });

  it('makes senders wait for an acknowledgement when much is kept, and loses nothing', async () => {
    const { hub, client } = setUp({ statefulBufferBytes: 100 });
    await hub.clients.all.send('m', 'x'.repeat(200));
    let sent = false;
    const waiting = hub.clients.all.send('m', 'late').then(() => (sent = true));
    await settle();
    expect([sent, client.ofType(1).length]).toEqual([false, 1]);
    client.says({ type: 8, sequenceId: 1 });
    await waiting;
    expect(client.ofType(1)).toHaveLength(2);
  });

  it('numbers each of several messages that go out in one write', () => {
    const { hub, client } = setUp();
    const link = hub.connection(client.connectionId);
    link?.sendBytes([told(1), told(2), told(3)]);
    expect([client.writes.length, client.ofType(1).length]).toEqual([1, 3]);
    client.says({ type: 8, sequenceId: 2 });
    client.forget();
    client.comesBack();
    expect(client.received.map((message) => message['sequenceId'] ?? message['arguments'])).toEqual([3, [3]]);
  });

  it('counts as buffered what is not acknowledged, once, whether it has been sent or waits', () => {
    const { hub, client } = setUp({ statefulBufferBytes: 100 });
    const link = hub.connection(client.connectionId);
    const long = told('x'.repeat(200));
    link?.sendBytes([long]);
    client.bufferedBytes = 100;
    expect(link?.bufferedBytes).toBe(long.length);
    link?.sendBytes([long, long]);
    expect([link?.bufferedBytes, client.ofType(1).length]).toEqual([3 * long.length, 1]);
    for (const sequenceId of [1, 2, 3]) client.says({ type: 8, sequenceId });
    expect([link?.bufferedBytes, client.ofType(1).length]).toEqual([100, 3]);
  });

  it('bounds what waits', async () => {
    const { hub, client } = setUp({ statefulBufferBytes: 100, maxOutgoingBytes: 1000 });
    const sends = [1, 2, 3, 4, 5, 6, 7, 8].map(() => hub.clients.all.send('m', 'x'.repeat(200)));
    await Promise.all(sends);
    expect(client.ended).toContain('abort');
  });

  it.each([
    [1, true, 1],
    [2, true, 0],
    [1, false, 0],
  ])('with version %i, granted: %s, makes the transport give it up %i times', (version, granted, times) => {
    let given = 0;
    const disableReconnect = () => void (given += 1);
    testServer({ methods }).connect({ statefulReconnect: granted, disableReconnect }).shakesHands(version);
    expect(given).toBe(times);
  });

  it('is ordinary with version 1', () => {
    const { timers, connect } = testServer({ methods });
    const client = connect({ statefulReconnect: true }).shakesHands(1);
    client.says(note('a'));
    timers.pass(1000);
    expect(client.ofType(8)).toEqual([]);
    client.comesBack();
    expect(client.ended).toEqual(['close']);
  });
});
