import { HubError } from '@ringback/contract';
import { describe, expect, it } from '@jest/globals';
import { CloudEvent, HTTP, type CloudEventV1, type Message } from 'cloudevents';
import { createHash } from 'node:crypto';
import type { HttpRequest } from '@ringback/http-kit';
import { parseTriggerRequest } from './trigger.codec.js';

const parseTrigger = (request: HttpRequest) => {
  const { eventguid: _, ...trigger } = parseTriggerRequest({
    ...request,
    params: { eventguid: 'e' },
  }).trigger;
  return trigger;
};

const ATTRIBUTES = { id: 'a-1', source: '/shop', type: 'com.example.order.paid' };
const KEY = createHash('sha256').update('["/shop","a-1"]').digest('hex');
const LABELS = { ...ATTRIBUTES, key: KEY, removeAfterSend: false };

/** The SDK's message as it comes out of Node's HTTP parser: header names in small letters. */
function received({ headers, body }: Message) {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : '');
  return {
    headers: Object.fromEntries(lower) as Record<string, string>,
    query: {},
    body: Buffer.from(bytes),
  };
}

const event = (more: Partial<CloudEventV1<unknown>>) => new CloudEvent<unknown>({ ...ATTRIBUTES, ...more });
const binary = (headers: Record<string, string>, body: string | Uint8Array = '') =>
  received({
    headers: { 'ce-specversion': '1.0', 'ce-id': 'a-1', 'ce-source': '/shop', 'ce-type': 't', ...headers },
    body,
  });
const structured = (body: unknown, type = 'application/cloudevents+json') =>
  received({
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const whole = { specversion: '1.0', ...ATTRIBUTES };

describe('parseTriggerRequest of CloudEvents that the JavaScript SDK sends', () => {
  const json = { datacontenttype: 'application/json', data: { total: 12, ä: [null] } };
  const text = { datacontenttype: 'text/plain', data: 'päid' };

  it.each([
    [
      'JSON, binary',
      HTTP.binary(event(json)),
      { data: '{"total":12,"ä":[null]}', contentType: 'application/json' },
    ],
    [
      'JSON, structured',
      HTTP.structured(event(json)),
      { data: '{"total":12,"ä":[null]}', contentType: 'application/json' },
    ],
    ['text, binary', HTTP.binary(event(text)), { data: 'päid', contentType: 'text/plain' }],
    ['text, structured', HTTP.structured(event(text)), { data: 'päid', contentType: 'text/plain' }],
    [
      'untyped data, binary',
      HTTP.binary(event({ data: { a: 1 } })),
      { data: '{"a":1}', contentType: 'application/json; charset=utf-8' },
    ],
    ['untyped data, structured', HTTP.structured(event({ data: { a: 1 } })), { data: '{"a":1}' }],
    [
      'extensions and a subject',
      HTTP.structured(event({ subject: 's', partitionkey: 'p', data: 'x' })),
      { data: 'x' },
    ],
    ['no data, structured', HTTP.structured(event({})), { data: '' }],
  ])('takes over %s', (_, message, expected) => {
    expect(parseTrigger(received(message))).toEqual({ ...LABELS, ...expected });
  });

  it.each(['binary', 'structured'] as const)('takes over bytes, %s', (mode) => {
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const { data, ...labels } = parseTrigger(
      received(HTTP[mode](event({ datacontenttype: 'image/png', data: bytes }))),
    );
    expect(labels).toEqual({ ...LABELS, contentType: 'image/png' });
    expect([...(data as Uint8Array)]).toEqual([...bytes]);
  });
});

describe('parseTriggerRequest of CloudEvents', () => {
  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['"quoted \\"text\\" %25"', 'quoted "text" %'],
    ['100%2525', '100%25'],
    ['\u00c3\u00a9', 'é'],
    ['plain', 'plain'],
    ['"', '"'],
  ])('decodes the header %s once', (header, type) => {
    expect(parseTrigger(binary({ 'ce-type': header }))).toMatchObject({ type });
  });

  it('derives the key from source and id, so that neither alone makes a repeat', () => {
    const key = (source: string, id: string) => parseTrigger(structured({ ...whole, source, id })).key;
    expect(key('/shop', 'a-1')).toBe(KEY);
    expect(
      new Set([key('/shop', 'a-1'), key('/shop', 'a-2'), key('/sho', 'pa-1'), key('/x', 'a-1')]).size,
    ).toBe(4);
  });

  it('prefers a key that the client names', () => {
    const named = { ...structured(whole), query: { key: 'mine', removeAfterSend: 'true' } };
    expect(parseTrigger(named)).toMatchObject({ key: 'mine', removeAfterSend: true });
    const inHeader = binary({ 'idempotency-key': 'mine' });
    expect(parseTrigger(inHeader)).toMatchObject({ key: 'mine' });
  });

  it.each([
    ['a string', '{"data":"x","datacontenttype":"application/json"}', 'x'],
    ['zero', '{"data":0}', '0'],
    ['false', '{"data":false}', 'false'],
    ['null', '{"data":null}', 'null'],
    ['an attribute that is null', '{"data":"x","datacontenttype":null}', 'x'],
  ])('takes %s as structured data', (_, members, data) => {
    const body = { ...whole, ...(JSON.parse(members) as object) };
    expect(parseTrigger(structured(body, 'application/cloudevents+json; charset=UTF-8')).data).toBe(data);
  });

  it('takes bodies in another charset, or of no type, as bytes', () => {
    for (const headers of [{ 'content-type': 'text/plain; charset=iso-8859-1' }, {}]) {
      expect(parseTrigger(binary(headers as Record<string, string>, new Uint8Array([0xe9]))).data).toEqual(
        Buffer.from([0xe9]),
      );
    }
  });

  it.each([
    ['no specversion', binary({ 'ce-specversion': '' }), 'bad-request'],
    ['another specversion', binary({ 'ce-specversion': '0.3' }), 'bad-request'],
    ['no id', structured({ ...whole, id: undefined }), 'bad-request'],
    ['an id that is a number', structured({ ...whole, id: 7 }), 'bad-request'],
    ['an id that is null', structured({ ...whole, id: null }), 'bad-request'],
    ['an empty source', structured({ ...whole, source: '' }), 'bad-request'],
    ['no type', structured({ ...whole, type: undefined }), 'bad-request'],
    ['an id that is too long', structured({ ...whole, id: 'i'.repeat(257) }), 'bad-request'],
    ['a header with half an escape', binary({ 'ce-type': '100%' }), 'bad-request'],
    ['a header that is not UTF-8', binary({ 'ce-type': '%C3%28' }), 'bad-request'],
    ['a header in latin1', binary({ 'ce-type': '\u00e9' }), 'bad-request'],
    ['an encoded control character', binary({ 'ce-type': 'a%00' }), 'bad-request'],
    ['data of both kinds', structured({ ...whole, data: 1, data_base64: 'AA==' }), 'bad-request'],
    ['base64 that is none', structured({ ...whole, data_base64: 'AA' }), 'bad-request'],
    ['base64 that is a number', structured({ ...whole, data_base64: 1 }), 'bad-request'],
    [
      'JSON that is not UTF-8',
      binary({ 'content-type': 'application/json' }, new Uint8Array([0xff])),
      'bad-request',
    ],
    ['an event that is a list', structured([whole]), 'bad-request'],
    ['broken JSON', structured('{'), 'bad-request'],
    ['no event at all', structured(''), 'bad-request'],
    ['an attribute said by the query', { ...structured(whole), query: { type: 't' } }, 'bad-request'],
    ['a batch', structured([whole], 'application/cloudevents-batch+json'), 'unsupported-media-type'],
    ['another format', structured(whole, 'application/cloudevents+avro'), 'unsupported-media-type'],
    [
      'another charset',
      structured(whole, 'application/cloudevents+json; charset=utf-16'),
      'unsupported-media-type',
    ],
  ])('refuses %s', (_, request, code) => {
    expect(() => parseTrigger(request)).toThrow(expect.objectContaining({ name: HubError.name, code }));
  });

  it('says of a batch what to do instead', () => {
    const batch = structured([whole], 'application/cloudevents-batch+json');
    expect(() => parseTrigger(batch)).toThrow('send each event in a request of its own');
  });
});
