import type { HttpRequest } from '../wire/http-exchange.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = { 'content-type': 'text/plain' };
const PATH = '/v1/events/ev-http/trigger';
const EVENT = {
  'ce-specversion': '1.0',
  'ce-id': 'a-1',
  'ce-source': '/shop',
  'ce-type': 'com.example.caf%C3%A9',
};
const STRUCTURED = { specversion: '1.0', id: 'a-2', source: '/shop', type: 'com.example.paid' };

/** A trigger in each form that a body may have, and with each option. */
export const TRIGGERS: Readonly<Record<string, HttpRequest>> = {
  'trigger with JSON': post(JSON_TYPE, { data: { total: 12 }, type: 'order.paid', key: 'payment-7' }),
  'trigger with a key again': post(JSON_TYPE, { data: 'other', key: 'payment-7' }),
  'trigger with every label': post(JSON_TYPE, {
    data: 'text',
    type: 'order.paid',
    contentType: 'text/plain',
    source: '/shop',
    id: '9',
    origin: 'elsewhere/abc:1',
  }),
  'trigger with text': post(TEXT, 'Paid, not yet shipped.', { path: `${PATH}?type=note` }),
  'trigger with a key in a header': post({ ...TEXT, 'idempotency-key': '"note-1"' }, 'Paid.'),
  'trigger with bytes': post({ 'content-type': 'application/octet-stream' }, Buffer.from([1, 2, 255])),
  'trigger without a body': {
    method: 'POST',
    path: '/v1/events/caf%C3%A9%2Fopen/trigger?removeAfterSend=true',
  },
  'trigger and wait': post(TEXT, 'ready', { path: `${PATH}?wait=delivered&timeoutMs=2000` }),
  'trigger with a CloudEvent in binary mode': post({ ...EVENT, ...JSON_TYPE }, '{"table":4}'),
  'trigger with a structured CloudEvent': post(
    { 'content-type': 'application/cloudevents+json' },
    { ...STRUCTURED, datacontenttype: 'application/json', data: { table: 4 } },
  ),
  'trigger with the bytes of a CloudEvent': post(
    { 'content-type': 'application/cloudevents+json' },
    { ...STRUCTURED, id: 'a-3', data_base64: 'AQL/' },
  ),
};

/** Triggers that are refused, by what is wrong with them. */
export const REFUSED_TRIGGERS: Readonly<Record<string, HttpRequest>> = {
  'an unknown option': post(JSON_TYPE, { data: 1, delay: 5 }),
  'broken JSON': post(JSON_TYPE, '{"data":'),
  'JSON that is no object': post(JSON_TYPE, '7'),
  'an option twice': post(JSON_TYPE, { key: 'one' }, { path: `${PATH}?key=two` }),
  'a malformed option': post(JSON_TYPE, { removeAfterSend: 'yes' }),
  'a malformed wait': post(TEXT, 'data', { path: `${PATH}?wait=read` }),
  'timeoutMs without wait': post(TEXT, 'data', { path: `${PATH}?timeoutMs=5` }),
  'a CloudEvent without id': post({ ...EVENT, 'ce-id': '', ...JSON_TYPE }, '{}'),
  'a batch of CloudEvents': post({ 'content-type': 'application/cloudevents-batch+json' }, '[]'),
  'an unknown media type': post({ 'content-type': 'image/png' }, 'data'),
  'data that are too long': post(TEXT, 'd'.repeat(65_537)),
  'a long eventguid': { method: 'POST', path: `/v1/events/${'e'.repeat(257)}/trigger` },
  'a malformed eventguid': { method: 'POST', path: '/v1/events/a%00b/trigger' },
  'another method': { method: 'PUT', path: PATH },
  'a page of another origin': post({ ...TEXT, origin: 'https://evil.example' }, 'data'),
  'another scheme than Bearer': post({ ...TEXT, authorization: 'Basic YTpi' }, 'data'),
};

function post(
  headers: Readonly<Record<string, string>>,
  body: string | Buffer | object,
  { path = PATH }: { readonly path?: string } = {},
): HttpRequest {
  const content = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return { method: 'POST', path, headers, body: content };
}
