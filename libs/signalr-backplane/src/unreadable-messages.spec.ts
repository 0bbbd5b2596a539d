import { afterEach, describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import type { Trigger } from '@ringback/contract';
import { BackplanePair, everybody } from './testing/backplane-pair.js';

let pair: BackplanePair;
afterEach(() => pair.close());

const two = async (): Promise<BackplanePair> => {
  pair = await BackplanePair.start();
  return pair;
};

const raw = (value: unknown): Trigger => ({
  eventguid: everybody,
  data: Buffer.concat([Buffer.of(1), encode(encode(value))]),
  removeAfterSend: false,
});
const all = { kind: 'all', except: [] };

/** MessagePack that is no message. */
const strange: readonly unknown[] = [
  7,
  [],
  [9, 'hub', 'from'],
  [0, 1, 'from', all, []],
  [0, 'hub', 'from', 'all', []],
  [0, 'hub', 'from', { kind: 'new' }, []],
  [0, 'hub', 'from', { kind: 'users', ids: [1] }, []],
  [0, 'hub', 'from', { kind: 'groups', names: ['g'] }, []],
  [0, 'hub', 'from', all, ['json']],
  [0, 'hub', 'from', all, [['json', 3]]],
  [1, 'hub', 'from', '1', 'c', 'g', 'yes'],
  [1, 'hub', 'from', '1', 'c'],
  [2, 'hub', 'from', '1', 'c', 'm', {}],
  [2, 'hub', 'from', 1, 'c', 'm', []],
  [3, 'hub', 'from', 'to', '1', { kind: 'new' }],
  [3, 'hub', 'from', 'to', '1', { kind: 'error', error: 1 }],
  [3, 'hub', 'from', 'to', '1', { kind: 'failure' }],
];

describe('RelayBackplane, among messages that cannot be read', () => {
  it('passes over what it cannot read, and says so', async () => {
    const { a, b } = await two();
    const junk = [Buffer.from('junk'), Buffer.of(1, 0xc1), Buffer.of(9, 1), Buffer.of(), 'text'];
    for (const data of junk) await a.relay.publish({ eventguid: everybody, data, removeAfterSend: false });
    for (const value of strange) await a.relay.publish(raw(value));
    await a.says('1');
    await b.hears('1');
    expect(b.log.lines).toHaveLength(junk.length + strange.length);
    expect(b.log.lines[0]).toMatchObject({ message: 'message between nodes not readable' });
  });

  it('reads what is behind a message that it cannot read, in the same envelope', async () => {
    const { a, b } = await two();
    const poisoned = Buffer.concat([Buffer.of(0x81, 0xa9), Buffer.from('__proto__'), Buffer.of(1)]);
    const readable = encode([0, '/hub', 'x', all, [['json', 'behind']]]);
    const data = Buffer.concat([Buffer.of(1), encode(poisoned), encode(readable)]);
    await a.relay.publish({ eventguid: everybody, data, removeAfterSend: false });
    await b.hears('behind');
    expect(b.log.lines).toHaveLength(1);
  });

  it('refuses arguments and results that the other node could not read', async () => {
    const { a } = await two();
    const value: unknown = JSON.parse('{"__proto__":1}');
    const head = { hub: '/hub', from: 'a', requestId: '1' } as const;
    const invoke = { ...head, type: 'invoke', connectionId: 'c', target: 'm', args: [value] } as const;
    const answer = { ...head, type: 'answer', to: 'b', answer: { kind: 'result', result: value } } as const;
    for (const message of [invoke, answer])
      await expect(a.backplane.publish(message)).rejects.toThrow('__proto__');
  });
});
