import { describe, expect, it } from '@jest/globals';
import { LABEL_BYTES, METHODS, RECEIPT_TIMEOUT } from '@ringback/contract';
import { assertArgumentCount, parseCommand } from './socketio.commands.js';

const { subscribe, unsubscribe, acknowledge, trigger } = METHODS;
const guid = 'guid';
const bytes = Buffer.from([1, 2]);
const own = (name: string): unknown => JSON.parse(`{"${name}":1}`);

/** As a message passes the guard and the pipe. */
function read(name: unknown, args: readonly unknown[]) {
  assertArgumentCount(name, args);
  return parseCommand(name, args);
}

type Row = readonly [name: unknown, args: readonly unknown[]];

describe('the arguments of a method', () => {
  it.each<readonly [...Row, command: unknown]>([
    [subscribe, [guid, 'c'], { name: 'subscribe', request: { eventguid: guid, cookie: 'c' } }],
    [subscribe, [guid, 'c', null], { name: 'subscribe', request: { eventguid: guid, cookie: 'c' } }],
    [subscribe, [guid, 'c', {}], { name: 'subscribe', request: { eventguid: guid, cookie: 'c' } }],
    [
      subscribe,
      [guid, ' c ', { after: 'e:7' }],
      { name: 'subscribe', request: { eventguid: guid, cookie: ' c ', after: { epoch: 'e', offset: 7 } } },
    ],
    [
      subscribe,
      [guid, 'c', { presence: true }],
      { name: 'subscribe', request: { eventguid: guid, cookie: 'c', presence: true } },
    ],
    [
      subscribe,
      [guid, 'c', { presence: false }],
      { name: 'subscribe', request: { eventguid: guid, cookie: 'c' } },
    ],
    [subscribe, [guid, ' '], { name: 'unsubscribe', eventguid: guid }],
    [subscribe, [guid, 'EndSubscription', { after: 'e:7' }], { name: 'unsubscribe', eventguid: guid }],
    [unsubscribe, [guid], { name: 'unsubscribe', eventguid: guid }],
    [
      acknowledge,
      [guid, 'e:7'],
      { name: 'acknowledge', eventguid: guid, position: { epoch: 'e', offset: 7 } },
    ],
    [trigger, [guid], { name: 'trigger', trigger: { eventguid: guid, data: '', removeAfterSend: false } }],
    [
      trigger,
      [guid, 'd'],
      { name: 'trigger', trigger: { eventguid: guid, data: 'd', removeAfterSend: false } },
    ],
    [
      trigger,
      [guid, null],
      { name: 'trigger', trigger: { eventguid: guid, data: 'null', removeAfterSend: false } },
    ],
    [
      trigger,
      [guid, bytes],
      { name: 'trigger', trigger: { eventguid: guid, data: bytes, removeAfterSend: false } },
    ],
    [
      trigger,
      [guid, { a: [1] }, true],
      { name: 'trigger', trigger: { eventguid: guid, data: '{"a":[1]}', removeAfterSend: true } },
    ],
    [
      trigger,
      [
        guid,
        'd',
        { removeAfterSend: true, key: 'k', type: 't', contentType: 'c', source: 's', id: 'i', origin: 'o' },
      ],
      {
        name: 'trigger',
        trigger: {
          eventguid: guid,
          data: 'd',
          removeAfterSend: true,
          key: 'k',
          type: 't',
          contentType: 'c',
          source: 's',
          id: 'i',
          origin: 'o',
        },
      },
    ],
    [
      trigger,
      [guid, 'd', { wait: 'delivered', type: 't' }],
      {
        name: 'trigger',
        trigger: { eventguid: guid, data: 'd', removeAfterSend: false, type: 't' },
        waitMs: RECEIPT_TIMEOUT.defaultMs,
      },
    ],
    [
      trigger,
      [guid, 'd', { wait: 'delivered', timeoutMs: 1 }],
      { name: 'trigger', trigger: { eventguid: guid, data: 'd', removeAfterSend: false }, waitMs: 1 },
    ],
  ])('reads %s %j', (name, args, command) => {
    expect(read(name, args)).toEqual(command);
  });

  it.each<readonly [...Row, code: string]>([
    ['subscribeToEvent', [guid, 'c'], 'unknown-method'],
    ['ReceiveEvent', [guid, 'c'], 'unknown-method'],
    ['error', [], 'unknown-method'],
    ['__proto__', [guid], 'unknown-method'],
    ['constructor', [guid], 'unknown-method'],
    [undefined, [], 'unknown-method'],
    [5, [guid], 'unknown-method'],
    [subscribe, [], 'bad-request'],
    [subscribe, [guid], 'bad-request'],
    [subscribe, [guid, 'c', {}, 1], 'bad-request'],
    [subscribe, ['', 'c'], 'bad-eventguid'],
    [subscribe, [7, 'c'], 'bad-eventguid'],
    [subscribe, ['a\u0000b', 'c'], 'bad-eventguid'],
    [subscribe, [bytes, 'c'], 'bad-request'],
    [subscribe, [guid, 7], 'bad-request'],
    [subscribe, [guid, null], 'bad-request'],
    [subscribe, [guid, {}], 'bad-request'],
    [subscribe, [guid, bytes], 'bad-request'],
    [subscribe, [guid, 'c', 'e:7'], 'bad-request'],
    [subscribe, [guid, 'c', []], 'bad-request'],
    [subscribe, [guid, 'c', bytes], 'bad-request'],
    [subscribe, [guid, 'c', { after: 7 }], 'bad-request'],
    [subscribe, [guid, 'c', { after: 'e:-1' }], 'bad-request'],
    [subscribe, [guid, 'c', { before: 'e:1' }], 'bad-request'],
    [subscribe, [guid, 'c', { presence: 'true' }], 'bad-request'],
    [subscribe, [guid, 'c', { presence: 1 }], 'bad-request'],
    [subscribe, [guid, 'c', own('__proto__')], 'bad-request'],
    [subscribe, [guid, '', own('constructor')], 'bad-request'],
    [unsubscribe, [], 'bad-request'],
    [unsubscribe, [guid, 'c'], 'bad-request'],
    [unsubscribe, [bytes], 'bad-request'],
    [unsubscribe, [['guid']], 'bad-eventguid'],
    [acknowledge, [], 'bad-request'],
    [acknowledge, [guid], 'bad-request'],
    [acknowledge, [guid, 'e:7', {}], 'bad-request'],
    [acknowledge, ['', 'e:7'], 'bad-eventguid'],
    [acknowledge, [bytes, 'e:7'], 'bad-request'],
    [acknowledge, [guid, 7], 'bad-request'],
    [acknowledge, [guid, null], 'bad-request'],
    [acknowledge, [guid, 'e:-1'], 'bad-request'],
    [acknowledge, [guid, 'e'], 'bad-request'],
    [acknowledge, [guid, { epoch: 'e', offset: 7 }], 'bad-request'],
    [trigger, [], 'bad-request'],
    [trigger, [guid, 'd', true, 1], 'bad-request'],
    [trigger, [bytes, 'd'], 'bad-request'],
    [trigger, [guid, { inside: bytes }], 'bad-request'],
    [trigger, [guid, [[bytes]]], 'bad-request'],
    [trigger, [guid, '\ud800'], 'bad-request'],
    [trigger, [guid, 'd', 1], 'bad-request'],
    [trigger, [guid, 'd', 'true'], 'bad-request'],
    [trigger, [guid, 'd', bytes], 'bad-request'],
    [trigger, [guid, 'd', { removeAfterSend: 1 }], 'bad-request'],
    [trigger, [guid, 'd', { wait: true }], 'bad-request'],
    [trigger, [guid, 'd', { wait: 'read' }], 'bad-request'],
    [trigger, [guid, 'd', { timeoutMs: 5 }], 'bad-request'],
    [trigger, [guid, 'd', { wait: 'delivered', timeoutMs: 0 }], 'bad-request'],
    [trigger, [guid, 'd', { wait: 'delivered', timeoutMs: '5' }], 'bad-request'],
    [trigger, [guid, 'd', { wait: 'delivered', timeoutMs: RECEIPT_TIMEOUT.mostMs + 1 }], 'bad-request'],
    [trigger, [guid, 'd', { delay: 5 }], 'bad-request'],
    [trigger, [guid, 'd', { key: '' }], 'bad-request'],
    [trigger, [guid, 'd', { key: 'k'.repeat(LABEL_BYTES.key + 1) }], 'bad-request'],
    [trigger, [guid, 'd', { type: 7 }], 'bad-request'],
    [trigger, [guid, 'd', { id: 'a\nb' }], 'bad-request'],
    [trigger, [guid, 'd', own('__proto__')], 'bad-request'],
  ])('refuses %p %j', (name, args, code) => {
    expect(() => read(name, args)).toThrow(expect.objectContaining({ name: 'HubError', code }));
  });

  it('refuses data that are nested deeper than JSON can be written', () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(() => parseCommand(trigger, [guid, deep])).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });
});
