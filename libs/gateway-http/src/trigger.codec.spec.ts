import { HubError, RECEIPT_TIMEOUT } from '@ringback/contract';
import { describe, expect, it } from '@jest/globals';
import type { HttpRequest } from '@ringback/http-kit';
import { parseTriggerRequest } from './trigger.codec.js';

interface Given {
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
}

const request = ({ type, body, query = {}, headers = {} }: Given): HttpRequest => ({
  headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
  params: { eventguid: 'e' },
  query,
  ...(body !== undefined && { body: Buffer.from(body) }),
});

const json = (body: string, rest: Given = {}): Given => ({ type: 'application/json', body, ...rest });
const plain = (body: string, rest: Given = {}): Given => ({ type: 'text/plain', body, ...rest });
const parse = (given: Given) => {
  const { eventguid: _, ...trigger } = parseTriggerRequest(request(given)).trigger;
  return trigger;
};
const once = { removeAfterSend: false };

describe('parseTriggerRequest', () => {
  it.each<[string, Given, object]>([
    ['no body', {}, { data: '' }],
    ['an empty JSON body', json(''), { data: '' }],
    ['an empty object', json('{}'), { data: '' }],
    ['a string', json('{"data":"paid"}'), { data: 'paid' }],
    ['an object', json('{"data":{"a":[1,null]}}'), { data: '{"a":[1,null]}' }],
    ['null', json('{"data":null}'), { data: 'null' }],
    ['false', json('{"data":false}'), { data: 'false' }],
    [
      'data that looks like a trap',
      json('{"data":{"__proto__":{"a":1},"constructor":{"prototype":1}}}'),
      {
        data: '{"__proto__":{"a":1},"constructor":{"prototype":1}}',
      },
    ],
    [
      'all options',
      json(
        '{"data":"x","type":"t","contentType":"c","source":"s","id":"i","origin":"o","key":"k","removeAfterSend":true}',
      ),
      {
        data: 'x',
        type: 't',
        contentType: 'c',
        source: 's',
        id: 'i',
        origin: 'o',
        key: 'k',
        removeAfterSend: true,
      },
    ],
    [
      'JSON with a charset',
      { type: 'Application/JSON; Charset="UTF-8"', body: '{"data":"é"}' },
      { data: 'é' },
    ],
    [
      'options beside JSON',
      json('{"data":"x"}', { query: { removeAfterSend: 'true', type: 't' } }),
      {
        data: 'x',
        type: 't',
        removeAfterSend: true,
      },
    ],
    ['text', plain('héllo\n'), { data: 'héllo\n' }],
    ['text with a byte order mark', plain('\ufeffa'), { data: '\ufeffa' }],
    ['text with a charset', { type: 'text/plain;charset=utf-8', body: 'é' }, { data: 'é' }],
    [
      'text with options',
      plain('x', { query: { removeAfterSend: 'false', key: 'k', type: 't' } }),
      {
        data: 'x',
        key: 'k',
        type: 't',
      },
    ],
    ['a token in the query', plain('x', { query: { access_token: 'secret' } }), { data: 'x' }],
    ['options without a body', { query: { type: 't' } }, { data: '', type: 't' }],
    ['a key in the header', plain('x', { headers: { 'idempotency-key': 'k 1' } }), { data: 'x', key: 'k 1' }],
    [
      'a quoted key in the header',
      plain('x', { headers: { 'idempotency-key': '"k"' } }),
      { data: 'x', key: 'k' },
    ],
    ['an encoding that is none', plain('x', { headers: { 'content-encoding': 'identity' } }), { data: 'x' }],
  ])('reads %s', (_, given, expected) => {
    expect(parse(given)).toEqual({ ...once, ...expected });
  });

  it.each<[string, Given, number | undefined]>([
    ['nothing about a receipt', json('{"data":"x"}'), undefined],
    ['a wait in JSON', json('{"wait":"delivered"}'), RECEIPT_TIMEOUT.defaultMs],
    ['a wait with its time in JSON', json('{"wait":"delivered","timeoutMs":2000}'), 2000],
    ['a wait in the query', plain('x', { query: { wait: 'delivered' } }), RECEIPT_TIMEOUT.defaultMs],
    ['a wait with its time in the query', { query: { wait: 'delivered', timeoutMs: '2000' } }, 2000],
    ['a wait in JSON, its time in the query', json('{"wait":"delivered"}', { query: { timeoutMs: '7' } }), 7],
  ])('reads %s', (_, given, waitMs) => {
    expect(parseTriggerRequest(request(given)).waitMs).toBe(waitMs);
  });

  it('reads a wait beside a CloudEvent', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'i', 'ce-source': 's', 'ce-type': 't' };
    const given = plain('x', { headers, query: { wait: 'delivered', timeoutMs: '9' } });
    expect(parseTriggerRequest(request(given))).toMatchObject({ trigger: { id: 'i', data: 'x' }, waitMs: 9 });
  });

  it('reads bytes as bytes', () => {
    const body = new Uint8Array([0, 255, 254, 128]);
    const { data } = parse({ type: 'application/octet-stream', body });
    expect(data).toBeInstanceOf(Uint8Array);
    expect([...(data as Uint8Array)]).toEqual([...body]);
  });

  it.each<[string, Given, string]>([
    ['broken JSON', json('{"data":'), 'bad-request'],
    ['JSON that is a list', json('[1]'), 'bad-request'],
    ['JSON that is text', json('"x"'), 'bad-request'],
    ['JSON that is null', json('null'), 'bad-request'],
    ['an unknown member', json('{"data":1,"delay":5}'), 'bad-request'],
    ['a member __proto__', json('{"__proto__":{"removeAfterSend":true}}'), 'bad-request'],
    ['a member constructor', json('{"constructor":{"prototype":{}}}'), 'bad-request'],
    ['a flag that is text', json('{"removeAfterSend":"true"}'), 'bad-request'],
    ['a flag in the query that is neither', plain('x', { query: { removeAfterSend: 'yes' } }), 'bad-request'],
    ['an empty key', json('{"key":""}'), 'bad-request'],
    ['a key that is too long', json(JSON.stringify({ key: 'k'.repeat(129) })), 'bad-request'],
    ['a label with a line break', json('{"type":"a\\nb"}'), 'bad-request'],
    ['a lone surrogate in the data', json('{"data":"\\ud800"}'), 'bad-request'],
    ['an unknown option in the query', plain('x', { query: { delay: '5' } }), 'bad-request'],
    ['an option given twice in the query', plain('x', { query: { key: ['a', 'b'] } }), 'bad-request'],
    ['an option said by body and query', json('{"key":"a"}', { query: { key: 'a' } }), 'bad-request'],
    [
      'a key said by query and header',
      { query: { key: 'a' }, headers: { 'idempotency-key': 'a' } },
      'bad-request',
    ],
    ['another wait', json('{"wait":"read"}'), 'bad-request'],
    ['a wait that is true', { query: { wait: 'true' } }, 'bad-request'],
    ['a time without a wait', json('{"timeoutMs":5}'), 'bad-request'],
    ['a time of nothing', { query: { wait: 'delivered', timeoutMs: '0' } }, 'bad-request'],
    ['a time that is too long', { query: { wait: 'delivered', timeoutMs: '30001' } }, 'bad-request'],
    ['a time that is no number', { query: { wait: 'delivered', timeoutMs: '1e3' } }, 'bad-request'],
    ['a time that is empty', { query: { wait: 'delivered', timeoutMs: '' } }, 'bad-request'],
    ['a time that is text in JSON', json('{"wait":"delivered","timeoutMs":"5"}'), 'bad-request'],
    ['a wait said twice', json('{"wait":"delivered"}', { query: { wait: 'delivered' } }), 'bad-request'],
    ['data in the query', { query: { data: 'x' } }, 'bad-request'],
    [
      'JSON that is not UTF-8',
      { type: 'application/json', body: new Uint8Array([0x22, 0xff, 0x22]) },
      'bad-request',
    ],
    ['text that is not UTF-8', { type: 'text/plain', body: new Uint8Array([0xff]) }, 'bad-request'],
    [
      'text in another charset',
      { type: 'text/plain; charset=iso-8859-1', body: 'x' },
      'unsupported-media-type',
    ],
    [
      'JSON in another charset',
      { type: 'application/json; charset=utf-16', body: '{}' },
      'unsupported-media-type',
    ],
    ['a compressed body', plain('x', { headers: { 'content-encoding': 'gzip' } }), 'unsupported-media-type'],
    ['a form', { type: 'application/x-www-form-urlencoded', body: 'a=b' }, 'unsupported-media-type'],
    ['another JSON type', { type: 'application/ld+json', body: '{}' }, 'unsupported-media-type'],
    ['a body without a type', { body: 'x' }, 'unsupported-media-type'],
  ])('refuses %s', (_, given, code) => {
    expect(() => parse(given)).toThrow(expect.objectContaining({ name: HubError.name, code }));
  });
});

describe('the trace that parseTriggerRequest finds', () => {
  const contextOf = (digit: string) => `00-${'a'.repeat(32)}-${digit.repeat(16)}-01`;
  const binary = {
    'ce-specversion': '1.0',
    'ce-id': 'i',
    'ce-source': 's',
    'ce-type': 't',
    'ce-traceparent': contextOf('2'),
    'ce-tracestate': 'ce=2',
  };
  const structured = {
    type: 'application/cloudevents+json',
    body: JSON.stringify({
      specversion: '1.0',
      id: 'i',
      source: 's',
      type: 't',
      traceparent: contextOf('3'),
      tracestate: 'ce=3',
    }),
  };
  const headers = { traceparent: contextOf('1'), tracestate: 'http=1' };
  const traceOf = (given: Given) => parseTriggerRequest(request(given)).trace;

  it.each<[string, Given, string, string]>([
    ['in the headers', plain('x', { headers }), '1', 'http=1'],
    ['in a binary CloudEvent', plain('x', { headers: binary }), '2', 'ce=2'],
    ['in a structured CloudEvent', structured, '3', 'ce=3'],
    ['in the headers before that in a CloudEvent', { ...structured, headers }, '1', 'http=1'],
    [
      'in a CloudEvent where that in the headers is none',
      { ...structured, headers: { traceparent: 'garbage', tracestate: 'http=1' } },
      '3',
      'ce=3',
    ],
  ])('stands %s', (_name, given, digit, tracestate) => {
    expect(traceOf(given)).toEqual({ traceparent: contextOf(digit), tracestate });
  });

  it.each<[string, Given]>([
    ['nothing is said', plain('x')],
    ['what is said is none', plain('x', { headers: { traceparent: 'garbage' } })],
  ])('is none where %s', (_name, given) => {
    expect(parseTriggerRequest(request(given))).not.toHaveProperty('trace');
  });
});
