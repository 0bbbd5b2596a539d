import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { BackplaneMessage } from '@ringback/signalr';
import { RelayBackplane } from './index.js';
import { BackplanePair, everybody, send } from './testing/backplane-pair.js';
import { LossyRelay } from './testing/lossy-relay.js';
import { ManualTimers } from './testing/manual-timers.js';

let pair: BackplanePair;
afterEach(() => pair.close());

const two = async (...args: Parameters<typeof BackplanePair.start>): Promise<BackplanePair> => {
  pair = await BackplanePair.start(...args);
  return pair;
};

const everyKind = (from: string): readonly BackplaneMessage[] => {
  const head = { hub: '/hub', from };
  const bytes = ['messagepack', Buffer.of(1, 2)] as const;
  const args = [1, 'ä', null, [true]];
  return [
    { ...send(from, ''), payloads: [['json', 'text'], bytes] },
    { ...send(from, ''), to: { kind: 'groups', names: ['g'], except: ['c'] } },
    { ...send(from, ''), to: { kind: 'users', ids: ['u'] } },
    { ...send(from, ''), to: { kind: 'connections', ids: ['c'] } },
    { ...head, type: 'membership', requestId: '1', connectionId: 'c', group: 'g', member: true },
    { ...head, type: 'invoke', requestId: '2', connectionId: 'c', target: 'm', args },
  ];
};

describe('RelayBackplane', () => {
  it('carries every kind of message to the other node, as it was, and none back', async () => {
    const { a, b } = await two();
    await Promise.all(everyKind('a').map((message) => a.backplane.publish(message)));
    const { from } = await b.first(everyKind('a').length);
    expect(b.heard).toEqual(everyKind(from));
    expect([a.heard, a.backplane.alone]).toEqual([[], false]);
  });

  it('brings an answer to the node that asked, and to no other', async () => {
    const { a, b } = await two();
    const c = await pair.add('c');
    await a.backplane.publish({
      type: 'invoke',
      hub: '/hub',
      from: 'a',
      requestId: '1',
      connectionId: 'x',
      target: 'm',
      args: [],
    });
    const { from: to } = await b.first(1);
    const answer = {
      type: 'answer',
      hub: '/hub',
      requestId: '1',
      answer: { kind: 'result', result: 7 },
    } as const;
    await b.backplane.publish({ ...answer, from: 'b', to });
    await waitFor(() => a.heard.length === 1, 'the answer');
    expect(a.heard[0]).toMatchObject({ ...answer, to: 'a' });
    await b.says('last');
    await c.hears('invoke', 'last');
  });

  it('says in order, and in one envelope, what is said while an envelope is on its way', async () => {
    const { a, b } = await two();
    let pass = (): void => {};
    a.relay.slow = new Promise((resolve) => (pass = resolve));
    const said = ['1', '2', '3', '4'].map((text) => a.says(text));
    pass();
    await Promise.all(said);
    await b.hears('1', '2', '3', '4');
    expect(a.relay.published).toHaveLength(2);
  });

  it('puts no more into an envelope than a message may have', async () => {
    const { a } = await two();
    const b = await pair.add('b', { maxMessageBytes: 200 });
    const texts = Array.from({ length: 6 }, (_, index) => `${index}`);
    await Promise.all(texts.map((text) => b.says(text)));
    await a.hears(...texts);
    const lengths = b.relay.published.map(({ data }) => data.length);
    expect(lengths.length).toBe(4); // one at once, then by two
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200 + 1);
  });

  it('refuses what is too long, too much, or comes too late', async () => {
    const { a } = await two();
    const b = await pair.add('b', { maxMessageBytes: 100, maxUnpublishedBytes: 100 });
    await expect(b.says('x'.repeat(100))).rejects.toMatchObject({ code: 'data-too-large' });
    let pass = (): void => {};
    b.relay.slow = new Promise((resolve) => (pass = resolve));
    const said = [b.says('1'), b.says('2')];
    await expect(b.says('3')).rejects.toMatchObject({ code: 'too-many-commands' });
    const closing = b.backplane.close();
    await expect(b.says('4')).rejects.toMatchObject({ code: 'closed' });
    pass();
    await Promise.all([...said, closing]);
    await a.hears('1', '2');
    expect(b.timers.pending).toBe(0);
  });

  it('tells who publishes that the relay is away, and each message of the envelope', async () => {
    const { a, b } = await two();
    a.relay.failing = 2;
    const said = await Promise.allSettled([a.says('1'), a.says('2'), a.says('3')]);
    expect(said).toMatchObject(Array.from({ length: 3 }, () => ({ reason: { code: 'relay-unavailable' } })));
    await a.says('4');
    await b.hears('4');
  });

  it('does not open while the relay is away, and leaves nothing behind', async () => {
    const { cluster } = await two();
    const [relay, timers] = [new LossyRelay(cluster.node().relay), new ManualTimers()];
    relay.failing = 1;
    await expect(RelayBackplane.open(relay, { application: 'app', timers })).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
    expect(timers.pending).toBe(0);
    const { nodes } = await relay.publish({ eventguid: everybody, data: '', removeAfterSend: false });
    expect(nodes).toBe(2); // those that were open before
  });

  it('tells every listener, whatever another one throws, until it stops', async () => {
    const { a, b } = await two();
    b.backplane.listen(() => {
      throw new Error('a fault of the listener');
    });
    const heard: string[] = [];
    const stop = b.backplane.listen(({ type }) => heard.push(type));
    await a.says('1');
    await b.hears('1');
    stop();
    await a.says('2');
    await b.hears('1', '2');
    expect([heard, b.log.lines.length]).toEqual([['send'], 2]);
  });

  it('serves one server, and hears no other application', async () => {
    const { a, b } = await two();
    const other = await pair.add('a', { application: 'app/b' });
    await a.says('1');
    await b.hears('1');
    await expect(a.backplane.publish(send('z', '2'))).rejects.toThrow('a backplane of its own');
    await other.says('3');
    expect(other.heard).toEqual([]);
    expect(b.texts).toEqual(['1']);
  });
});
