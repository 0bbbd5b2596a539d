import { DEFAULT_LIMITS, HubError, parseEventGuid } from '@ringback/contract';
import type { AccessPolicy, EventSummary, Hub, HubPorts } from '@ringback/core';
import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import {
  problem,
  rawRequest,
  recordingConnection,
  startHttpHub,
  type HttpHub,
} from '../../../test/support/http-hub.js';
import { HttpGatewayModule } from './http.module.js';

const LIMITS = { ...DEFAULT_LIMITS, dataBytes: 1000 };
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(ports: Partial<HubPorts> = {}): Promise<HttpHub> {
  const started = await startHttpHub({ modules: [HttpGatewayModule], ports, limits: LIMITS });
  closers.push(() => started.close());
  return started;
}

const json = (value: unknown) => ({
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});
const text = (body: string, type = 'text/plain') => ({ headers: { 'Content-Type': type }, body });

/** A durable subscriber of `shop` who is subscribed to the event. */
async function named(hub: Hub, subscriberId: string, eventguid: string) {
  const link = recordingConnection(`link of ${subscriberId}`);
  hub.connect(link, { name: 'shop' }, { subscriberId, resume: 'on-connect' });
  await hub.subscribe(link.connectionId, { eventguid: parseEventGuid(eventguid), cookie: 'row=9' });
  return link;
}

async function subscribed(hub: Hub, eventguid: string, connectionId = 'c1', cookie = 'row=7') {
  const link = recordingConnection(connectionId);
  hub.connect(link, { name: 'anyone' });
  await hub.subscribe(connectionId, { eventguid: parseEventGuid(eventguid), cookie });
  return link;
}

function eventOf(hub: Hub, eventguid: string): Promise<EventSummary> {
  return hub.operator.event({ name: 'x' }, parseEventGuid(eventguid));
}

describe('POST /v1/trigger', () => {
  const octets = text('x', 'application/octet-stream');
  const cloudEvent = json({ specversion: '1.0', id: 'i', source: '/s', type: 't', data: 1 });
  const structured = { ...cloudEvent, headers: { 'Content-Type': 'application/cloudevents+json' } };

  it.each(['order/42', 'a/../b', '..', 'a%2Fb', 'a+b', ' ', '🔔'])(
    'takes the eventguid %s byte for byte',
    async (eventguid) => {
      const { hub, call } = await setUp();
      expect(await call('POST', '/v1/trigger', json({ eventguid, data: 'x' }))).toMatchObject({
        status: 202,
        body: { eventguid },
      });
      expect(await eventOf(hub, eventguid)).toMatchObject({ eventguid, kept: 1 });
    },
  );

  it.each([
    ['JSON', json({ data: 'x' })],
    ['text', text('x')],
    ['bytes', octets],
    ['a CloudEvent', structured],
    ['no body', {}],
  ])('takes the eventguid from the query, with %s', async (_, request) => {
    const { call } = await setUp();
    const answer = await call('POST', '/v1/trigger?eventguid=a%2F..%2Fb&removeAfterSend=true', request);
    expect(answer).toMatchObject({ status: 202, body: { eventguid: 'a/../b' } });
  });

  it.each([
    ['path and query', '/v1/events/a/trigger?eventguid=b', text('x')],
    ['path and body', '/v1/events/a/trigger', json({ eventguid: 'b' })],
    ['query and body', '/v1/trigger?eventguid=a', json({ eventguid: 'b' })],
    ['two of the query', '/v1/trigger?eventguid=a&eventguid=b', text('x')],
    ['nothing', '/v1/trigger', text('x')],
    ['a number', '/v1/trigger', json({ eventguid: 7 })],
  ])('refuses %s that do not name one event', async (_, path, request) => {
    const { hub, call } = await setUp();
    expect(await call('POST', path, request)).toMatchObject(problem(400, 'bad-request'));
    expect(hub.figures().events).toBe(0);
    await expect(eventOf(hub, 'a')).rejects.toMatchObject({ code: 'not-found' });
    await expect(eventOf(hub, 'b')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('takes an eventguid that stands in several places and is the same', async () => {
    const { call } = await setUp();
    const answer = await call('POST', '/v1/events/a/trigger?eventguid=a', json({ eventguid: 'a' }));
    expect(answer).toMatchObject({ status: 202, body: { eventguid: 'a' } });
  });

  it('refuses an empty eventguid', async () => {
    const { call } = await setUp();
    expect(await call('POST', '/v1/trigger?eventguid=')).toMatchObject(problem(400, 'bad-eventguid'));
  });

  it.each([
    '/v1/events/a/../b/trigger',
    '/v1/events/./b/trigger',
    '/v1/events//b/trigger',
    '/v1/events/../trigger',
  ])('does not take %s for another event', async (path) => {
    const { served, hub } = await setUp();
    const { status, body } = await rawRequest(served, 'POST', path);
    expect({ status, body: JSON.parse(body) as unknown }).toEqual(problem(400, 'bad-request'));
    await expect(eventOf(hub, 'b')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('POST /v1/events/{eventguid}/trigger', () => {
  it('answers 202 with eventguid, position and subscribers, and delivers', async () => {
    const { hub, call } = await setUp();
    const link = await subscribed(hub, 'order-42');
    const answer = await call(
      'POST',
      '/v1/events/order-42/trigger',
      json({ data: { total: 12 }, type: 't' }),
    );
    expect(answer).toMatchObject({
      status: 202,
      body: { eventguid: 'order-42', position: expect.stringMatching(/^\w+:1$/), subscribers: 1 },
    });
    expect(answer.headers.get('content-type')).toContain('application/json');
    await waitFor(() => link.received.length > 0, 'the delivery');
    expect(link.received).toEqual(['row=7 {"total":12}']);
  });

  it.each([
    'order/42',
    'a%2Fb',
    '100%',
    '{x}',
    '🔔',
    ' ',
    'a+b',
    'a?b#c',
    'é',
    '__proto__',
    'constructor',
    'trigger',
    '*',
    ':eventguid',
    'a;b',
    'a\\b',
    '漢'.repeat(85),
    'x'.repeat(256),
    '🔔'.repeat(64),
    '%'.repeat(256),
  ])('takes the eventguid %s byte for byte', async (eventguid) => {
    const { hub, call } = await setUp();
    const path = `/v1/events/${encodeURIComponent(eventguid)}/trigger`;
    expect(await call('POST', path, text('x'))).toMatchObject({ status: 202, body: { eventguid } });
    expect(await eventOf(hub, eventguid)).toMatchObject({ eventguid, kept: 1 });
  });

  it('takes dots as an eventguid from clients that do not tidy paths', async () => {
    const { served } = await setUp();
    const { status, body } = await rawRequest(served, 'POST', '/v1/events/%2E%2E/trigger');
    expect([status, JSON.parse(body)]).toMatchObject([202, { eventguid: '..' }]);
  });

  it('accepts triggers while the node drains: a proxy may not have noticed', async () => {
    const { hub, call } = await setUp();
    await hub.drain();
    expect(await call('POST', '/v1/events/e/trigger')).toMatchObject({ status: 202 });
  });

  it('accepts a key once', async () => {
    const { hub, call } = await setUp();
    const trigger = () => call('POST', '/v1/events/e/trigger', { headers: { 'Idempotency-Key': 'k' } });
    const first = await trigger();
    expect(await trigger()).toMatchObject({ status: 202, body: first.body });
    expect(await eventOf(hub, 'e')).toMatchObject({ kept: 1 });
  });

  it.each(['binary', 'structured'] as const)('takes a CloudEvent once, %s', async (mode) => {
    const { hub, call } = await setUp();
    const event = new CloudEvent({
      id: 'a-1',
      source: '/shop',
      type: 'paid',
      datacontenttype: 'application/json',
      data: { a: 1 },
    });
    const { headers, body } = HTTP[mode](event);
    const init = { headers: headers as Record<string, string>, body: String(body) };
    const first = await call('POST', '/v1/events/e/trigger', init);
    expect(await call('POST', '/v1/events/e/trigger', init)).toMatchObject({ status: 202, body: first.body });
    const history = await hub.operator.history({ name: 'x' }, parseEventGuid('e'), { limit: 10 });
    expect(history.items).toMatchObject([
      { type: 'paid', source: '/shop', id: 'a-1', contentType: 'application/json', data: '{"a":1}' },
    ]);
  });

  it('ends the subscriptions with removeAfterSend', async () => {
    const { hub, call } = await setUp();
    await subscribed(hub, 'e');
    expect(await call('POST', '/v1/events/e/trigger?removeAfterSend=true', text('x'))).toMatchObject({
      body: { subscribers: 1 },
    });
    expect(await eventOf(hub, 'e')).toMatchObject({ subscribers: 0 });
  });

  it.each([
    ['the query', '?wait=delivered&timeoutMs=2000', text('x')],
    ['the body', '', json({ data: 'x', wait: 'delivered', timeoutMs: 2000 })],
    ['both', '?timeoutMs=2000', json({ data: 'x', wait: 'delivered' })],
  ])('waits for the receipt that %s asks for', async (_, query, init) => {
    const { hub, call } = await setUp();
    const link = await subscribed(hub, 'e');
    await named(hub, 'worker', 'e');
    hub.disconnect('link of worker');
    const receipt = { delivered: 1, queued: 0, dropped: 0, complete: true };
    expect(await call('POST', `/v1/events/e/trigger${query}`, init)).toMatchObject({
      status: 202,
      body: { subscribers: 2, receipt },
    });
    expect(link.received).toEqual(['row=7 x']);
  });

  it('says that a receipt is not complete where a node keeps silent', async () => {
    const { relay, ...node } = new MemoryCluster().node();
    const publish = relay.publish.bind(relay);
    relay.publish = async (trigger) => ({ ...(await publish(trigger)), nodes: 2 });
    const { call } = await setUp({ ...node, relay });
    const { body } = await call('POST', '/v1/events/e/trigger?wait=delivered&timeoutMs=1', text('x'));
    expect(body).toMatchObject({ receipt: { delivered: 0, queued: 0, dropped: 0, complete: false } });
  });

  it('says nothing of a receipt where nobody waits for it', async () => {
    const { call } = await setUp();
    expect((await call('POST', '/v1/events/e/trigger', text('x'))).body).not.toHaveProperty('receipt');
  });

  it('takes data up to the limit however much JSON escapes them, and not a byte more', async () => {
    const { served, call } = await setUp();
    const escaped = `{"data":"${'\\u0001'.repeat(LIMITS.dataBytes)}"}`;
    expect(await call('POST', '/v1/events/e/trigger', text(escaped, 'application/json'))).toMatchObject({
      status: 202,
    });
    for (const length of [LIMITS.dataBytes + 1, 10 * LIMITS.dataBytes + 16_384]) {
      const answer = await rawRequest(
        served,
        'POST',
        '/v1/events/e/trigger',
        { 'Content-Type': 'text/plain' },
        'x'.repeat(length),
      );
      expect({ status: answer.status, body: JSON.parse(answer.body) as unknown }).toEqual(
        problem(413, 'data-too-large'),
      );
    }
  });

  it('tell a client that is still sending, far too much, before its connection closes', async () => {
    const { call } = await setUp();
    const body = ' '.repeat(2_000_000);
    for (let round = 0; round < 20; round++) {
      expect((await call('POST', '/v1/events/e/trigger', text(body))).body).toMatchObject({
        code: 'data-too-large',
      });
    }
  });
});

describe('bad requests', () => {
  it.each<[string, string, number, string, Record<string, string>?, string?]>([
    ['POST', '/v1/events//trigger', 400, 'bad-request'],
    ['POST', '/v1/events/e/trigger?wait=read', 400, 'bad-request'],
    ['POST', '/v1/events/e/trigger?timeoutMs=5', 400, 'bad-request'],
    ['POST', '/v1/events/e/trigger?wait=delivered&timeoutMs=30001', 400, 'bad-request'],
    ['POST', '/v1/events/%zz/trigger', 400, 'bad-request'],
    ['POST', '/v1/events/%C3%28/trigger', 400, 'bad-request'],
    ['POST', '/v1/events/%ED%A0%80/trigger', 400, 'bad-request'],
    ['POST', '/v1/events/a%00/trigger', 400, 'bad-eventguid'],
    ['POST', `/v1/events/${'x'.repeat(257)}/trigger`, 400, 'bad-eventguid'],
    ['POST', `/v1/events/${'%F0%9F%94%94'.repeat(65)}/trigger`, 400, 'bad-eventguid'],
    ['POST', `/v1/events/${'x'.repeat(10_000)}/trigger`, 400, 'bad-eventguid'],
    ['POST', '/v1/events/e/trigger', 400, 'bad-request', { 'Content-Type': 'application/json' }, '{"data"'],
    [
      'POST',
      '/v1/events/e/trigger',
      400,
      'bad-request',
      { 'Content-Type': 'application/json' },
      '{"__proto__":{}}',
    ],
    [
      'POST',
      '/v1/events/e/trigger',
      400,
      'bad-request',
      { 'Content-Type': 'application/json' },
      '{"constructor":{"prototype":{}}}',
    ],
    ['POST', '/v1/events/e/trigger?delay=1', 400, 'bad-request'],
    [
      'POST',
      '/v1/events/e/trigger',
      415,
      'unsupported-media-type',
      { 'Content-Type': 'application/xml' },
      '<a/>',
    ],
    ['POST', '/v1/events/e/trigger', 415, 'unsupported-media-type', { 'Content-Type': 'nonsense' }, 'x'],
    [
      'POST',
      '/v1/events/e/trigger',
      415,
      'unsupported-media-type',
      { 'Content-Type': 'text/plain; charset=latin1' },
      'x',
    ],
    [
      'POST',
      '/v1/events/e/trigger',
      415,
      'unsupported-media-type',
      { 'Content-Type': 'application/cloudevents-batch+json' },
      '[]',
    ],
  ])('%s %s is answered %i %s', async (...row) => {
    const [method, path, status, code, headers, body] = row;
    const { served, log } = await setUp();
    const answer = await rawRequest(served, method, path, headers, body);
    expect({ status: answer.status, body: JSON.parse(answer.body) as unknown }).toEqual(
      problem(status, code),
    );
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toMatch(/FST_|Cannot|node_modules|\\n|\.js/);
    expect(log.at('error')).toEqual([]);
  });

  it.each([
    ['PUT', '/v1/events/e/trigger', 'POST'],
    ['GET', '/v1/events/e/trigger', 'POST'],
    ['OPTIONS', '/v1/events/e/trigger', 'POST'],
  ])('%s %s is answered 405, with what is allowed', async (method, path, allow) => {
    const { call } = await setUp();
    const answer = await call(method, path);
    expect(answer).toMatchObject(problem(405, 'method-not-allowed'));
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('failures of the hub', () => {
  it('answer 503 with Retry-After while the relay is unavailable', async () => {
    const { relay } = new MemoryCluster().node();
    relay.publish = () => Promise.reject(new HubError('relay-unavailable'));
    const { call } = await setUp({ relay });
    const answer = await call('POST', '/v1/events/e/trigger');
    expect(answer).toMatchObject(problem(503, 'relay-unavailable'));
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  it('are logged, and tell the client nothing', async () => {
    const { relay } = new MemoryCluster().node();
    relay.publish = () => Promise.reject(new Error('secret at line 7'));
    const { call, log } = await setUp({ relay });
    const answer = await call('POST', '/v1/events/e/trigger?access_token=token-secret', text('data-secret'));
    expect(answer).toMatchObject(problem(500, 'internal'));
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'internal error' }));
    expect(JSON.stringify(log.lines)).not.toMatch(/token-secret|data-secret/);
  });
});

describe('identity', () => {
  const access: AccessPolicy = {
    authenticate: ({ token }) =>
      token === undefined || token === 'wrong'
        ? Promise.reject(new HubError('unauthorized'))
        : Promise.resolve({ name: token }),
    allows: ({ name }, action) => name === action,
  };

  it.each([
    ['no token', {}, '', 401],
    ['a wrong token', { Authorization: 'Bearer wrong' }, '', 401],
    ['another scheme', { Authorization: 'Basic trigger' }, '?access_token=trigger', 401],
    ['an empty token', {}, '?access_token=', 401],
    ['a token that may not', { Authorization: 'Bearer operate' }, '', 403],
    ['a token that may', { Authorization: 'bearer trigger' }, '', 202],
    ['a token in the query', {}, '?access_token=trigger', 202],
    ['tokens in both, the header first', { Authorization: 'Bearer trigger' }, '?access_token=wrong', 202],
  ])('%s', async (_, headers, query, status) => {
    const { call } = await setUp({ access });
    const answer = await call('POST', `/v1/events/e/trigger${query}`, {
      headers: headers as Record<string, string>,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="ringback"' : null);
  });
});

describe('pages of a foreign origin', () => {
  it('may not trigger', async () => {
    const { call, hub, served } = await setUp();
    const link = await subscribed(hub, 'e');
    for (const foreign of ['https://shop.example', 'null']) {
      const answer = await call('POST', '/v1/events/e/trigger', { headers: { Origin: foreign } });
      expect(answer).toMatchObject(problem(403, 'forbidden'));
    }
    expect(link.received).toEqual([]);
    const own = await call('POST', '/v1/events/e/trigger', { headers: { Origin: served.url } });
    expect(own.status).toBe(202);
  });
});
