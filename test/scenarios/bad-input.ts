import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscriptions, trigger } from '../support/http.js';
import type { TestClient } from '../support/test-client.js';
import type { World } from '../support/world.js';

const BAD = 'bad-input';
const LONG_GUID = 'x'.repeat(257);
const LONG_COOKIE = 'c'.repeat(4_097);
const LONG_DATA = 'd'.repeat(65_537);
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTO = JSON.parse('{"__proto__":{"removeAfterSend":true}}') as object;

/** name, method, arguments, code */
const SOCKETIO: readonly (readonly [string, string, readonly unknown[], string])[] = [
  ['an eventguid that is empty', 'SubscribeToEvent', ['', 'c'], 'bad-eventguid'],
  ['an eventguid that is too long', 'SubscribeToEvent', [LONG_GUID, 'c'], 'bad-eventguid'],
  ['an eventguid with a control character', 'SubscribeToEvent', ['bad\u0007', 'c'], 'bad-eventguid'],
  ['an eventguid with a lone surrogate', 'SubscribeToEvent', ['bad\ud800', 'c'], 'bad-eventguid'],
  ['an eventguid that is a number', 'SubscribeToEvent', [42, 'c'], 'bad-eventguid'],
  ['an eventguid that is bytes', 'SubscribeToEvent', [Buffer.from(BAD), 'c'], 'bad-request'],
  ['a cookie that is too large', 'SubscribeToEvent', [BAD, LONG_COOKIE], 'cookie-too-large'],
  ['a cookie that is an object', 'SubscribeToEvent', [BAD, { a: 1 }], 'bad-request'],
  ['a cookie that is null', 'SubscribeToEvent', [BAD, null], 'bad-request'],
  ['a cookie that is bytes', 'SubscribeToEvent', [BAD, Buffer.from('c')], 'bad-request'],
  ['a cookie with a lone surrogate', 'SubscribeToEvent', [BAD, '\udc00'], 'bad-request'],
  ['too few arguments', 'SubscribeToEvent', [BAD], 'bad-request'],
  ['too many arguments', 'SubscribeToEvent', [BAD, 'c', {}, 1], 'bad-request'],
  ['an unknown subscribe option', 'SubscribeToEvent', [BAD, 'c', { durable: true }], 'bad-request'],
  ['a position that is none', 'SubscribeToEvent', [BAD, 'c', { after: '17' }], 'bad-request'],
  ['a prototype-polluting subscribe option', 'SubscribeToEvent', [BAD, 'c', PROTO], 'bad-request'],
  ['an unsubscribe without an eventguid', 'UnsubscribeFromEvent', [], 'bad-request'],
  ['an unsubscribe with a cookie', 'UnsubscribeFromEvent', [BAD, 'c'], 'bad-request'],
  ['a trigger without an eventguid', 'TriggerEvent', [], 'bad-request'],
  ['a trigger with too many arguments', 'TriggerEvent', [BAD, 'd', false, 1], 'bad-request'],
  ['data that is too large', 'TriggerEvent', [BAD, LONG_DATA], 'data-too-large'],
  ['bytes inside of an object', 'TriggerEvent', [BAD, { a: Buffer.from('b') }], 'bad-request'],
  ['removeAfterSend that is text', 'TriggerEvent', [BAD, 'd', 'yes'], 'bad-request'],
  ['an unknown trigger option', 'TriggerEvent', [BAD, 'd', { once: true }], 'bad-request'],
  ['a key that is too long', 'TriggerEvent', [BAD, 'd', { key: 'k'.repeat(129) }], 'bad-request'],
  ['a prototype-polluting trigger option', 'TriggerEvent', [BAD, 'd', PROTO], 'bad-request'],
  ['an unknown method', 'DropEverything', [BAD], 'unknown-method'],
  ['a method named like a property of every object', 'constructor', [BAD], 'unknown-method'],
];

/** name, eventguid as it stands in the path, headers, body, status, code */
const HTTP: readonly (readonly [
  string,
  string,
  Record<string, string>,
  string | Uint8Array,
  number,
  string,
])[] = [
  ['an eventguid that is too long', LONG_GUID, JSON_TYPE, '{}', 400, 'bad-eventguid'],
  ['an eventguid with a control character', 'bad%07', JSON_TYPE, '{}', 400, 'bad-eventguid'],
  ['broken percent-encoding', 'bad%zz', JSON_TYPE, '{}', 400, 'bad-request'],
  ['broken JSON', BAD, JSON_TYPE, '{"data":', 400, 'bad-request'],
  ['JSON that is no object', BAD, JSON_TYPE, '[1]', 400, 'bad-request'],
  ['an unknown member', BAD, JSON_TYPE, '{"once":true}', 400, 'bad-request'],
  ['removeAfterSend that is text', BAD, JSON_TYPE, '{"removeAfterSend":"yes"}', 400, 'bad-request'],
  ['a type that is a number', BAD, JSON_TYPE, '{"type":1}', 400, 'bad-request'],
  ['data with a lone surrogate', BAD, JSON_TYPE, '{"data":"\\ud800"}', 400, 'bad-request'],
  ['data that is too large', BAD, JSON_TYPE, JSON.stringify({ data: LONG_DATA }), 413, 'data-too-large'],
  ['a body that is far too large', BAD, JSON_TYPE, ' '.repeat(2_000_000), 413, 'data-too-large'],
  [
    'a prototype-polluting member',
    BAD,
    JSON_TYPE,
    '{"__proto__":{"removeAfterSend":true}}',
    400,
    'bad-request',
  ],
  [
    'a constructor that pollutes',
    BAD,
    JSON_TYPE,
    '{"constructor":{"prototype":{"a":1}}}',
    400,
    'bad-request',
  ],
  ['a key that is too long', BAD, JSON_TYPE, JSON.stringify({ key: 'k'.repeat(129) }), 400, 'bad-request'],
  [
    'a content type that nobody reads',
    BAD,
    { 'content-type': 'application/xml' },
    '<a/>',
    415,
    'unsupported-media-type',
  ],
  [
    'bytes that are no UTF-8 as text',
    BAD,
    { 'content-type': 'text/plain' },
    Buffer.from([0xff]),
    400,
    'bad-request',
  ],
  ['bytes that are no UTF-8 as JSON', BAD, JSON_TYPE, Buffer.from([0x22, 0xff, 0x22]), 400, 'bad-request'],
];

/** Bad input gets a coded error; the process goes on, other clients notice nothing, nothing is stored. */
export function describeBadInput(world: () => World): void {
  describe('bad input', () => {
    let bystander: TestClient;
    let culprit: TestClient;
    let expected = 0;

    beforeAll(async () => {
      bystander = await world().client();
      culprit = await world().client();
      await bystander.subscribe('bystander', 'untouched');
    });
    afterAll(() => world().closeClients());

    const expectNothingHappened = async (): Promise<void> => {
      await trigger(world().url, 'bystander', { data: String(++expected) });
      const received = await bystander.hears('bystander', expected);
      expect(received.at(-1)).toMatchObject({ cookie: 'untouched', data: String(expected) });
      expect(bystander.received).toHaveLength(expected);
      expect(bystander.errors).toEqual([]);
      expect(await subscriptions(world().url, BAD)).toEqual([]);
      expect((await fetch(`${world().url}/v1/events/${BAD}`)).status).toBe(404);
      expect(({} as { removeAfterSend?: unknown }).removeAfterSend).toBeUndefined();
    };

    it.each(SOCKETIO)('over Socket.IO: %s', async (_, method, args, code) => {
      expect(await culprit.call(method, ...args)).toEqual({ ok: false, code, message: expect.any(String) });
      await expectNothingHappened();
    });

    it.each(HTTP)('over HTTP: %s', async (_, path, headers, body, status, code) => {
      const response = await fetch(`${world().url}/v1/events/${path}/trigger`, {
        method: 'POST',
        headers,
        body,
      });
      expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
        status,
        type: expect.stringContaining('application/problem+json'),
      });
      expect(await response.json()).toMatchObject({ code, status });
      await expectNothingHappened();
    });

    it('over Socket.IO: an error that nobody asked to be told of comes as HubError', async () => {
      culprit.socket.emit('TriggerEvent', '');
      await expectError(culprit, 'bad-eventguid');
      await expectNothingHappened();
    });

    it('over Socket.IO: one subscription too many', async () => {
      const greedy = await world().client();
      const guids = Array.from({ length: 1_001 }, (_, index) => `greedy-${index}`);
      for (let start = 0; start < 1_000; start += 100) {
        await Promise.all(
          guids.slice(start, Math.min(start + 100, 1_000)).map((guid) => greedy.subscribe(guid, 'c')),
        );
      }
      expect(await greedy.call('SubscribeToEvent', guids[1_000], 'c')).toMatchObject({
        code: 'too-many-subscriptions',
      });
      expect(await subscriptions(world().url, guids[1_000]!)).toEqual([]);
      greedy.close();
      await expectNothingHappened();
    });
  });
}

async function expectError(client: TestClient, code: string): Promise<void> {
  await client.call('UnknownMethodAsABarrier');
  expect(client.errors.at(-1)).toMatchObject({ code });
}
