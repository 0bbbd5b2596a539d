import { DEFAULT_LIMITS, HubError, parseEventGuid } from '@ringback/contract';
import {
  Hub,
  type AccessPolicy,
  type Connection,
  type ConnectionSummary,
  type HubPorts,
} from '@ringback/core';
import { waitFor } from '@ringback/conformance';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CloudEvent, HTTP } from 'cloudevents';
import { connect } from 'node:net';
import { httpAdapterOptions } from '@ringback/http-kit';
import type { HttpConfig } from './http.config.js';
import { rawRequest, serveHttp, type ServedHub } from './testing/http-server.js';

const LIMITS = { ...DEFAULT_LIMITS, dataBytes: 1000 };
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Setup {
  readonly hub: Hub;
  readonly log: RecordingLog;
  readonly served: ServedHub;
  readonly call: (method: string, path: string, init?: Omit<RequestInit, 'method'>) => Promise<Answer>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function setUp(
  more: Partial<HubPorts> = {},
  config: HttpConfig = {},
  adapter?: object,
): Promise<Setup> {
  const log = new RecordingLog();
  const ports = {
    ...new MemoryCluster().node(),
    access: new OpenAccess(),
    clock: new SystemClock(),
    metrics: new CountingMetrics(),
  };
  const options = {
    nodeId: 'n1',
    address: 'http://127.0.0.1:1',
    version: '0.1.0',
    limits: LIMITS,
    leaseMs: 30_000,
  };
  const hub = new Hub({ ...ports, log, ...more }, options);
  await hub.start();
  closers.push(() => hub.drain());
  const served = await serveHttp(hub, { docs: false, ...config }, adapter);
  closers.push(() => served.close());
  return {
    hub,
    log,
    served,
    call: async (method, path, init) => answerOf(await fetch(served.url + path, { ...init, method })),
  };
}

/** The only subscriber on a page of subscriptions. */
function subscriberOf({ body }: Answer): string {
  const { items } = body as { readonly items: readonly { readonly subscriberId: string }[] };
  return items[0]?.subscriberId ?? 'nobody';
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body };
}

const json = (value: unknown) => ({
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});
const text = (body: string, type = 'text/plain') => ({ headers: { 'Content-Type': type }, body });
const problem = (status: number, code: string) => ({
  status,
  body: { status, code, type: `/docs/errors#${code}`, title: expect.any(String), detail: expect.any(String) },
});

/** A connection that keeps what it is sent. */
function connection(connectionId: string): Connection & { readonly received: string[] } {
  const received: string[] = [];
  return {
    connectionId,
    gateway: 'double',
    bufferedBytes: 0,
    received,
    codec: {
      name: 'double',
      encodeCookie: (cookie) => cookie,
      prepare:
        ({ data }) =>
        (cookie) =>
          `${cookie} ${String(data)}`,
    },
    send: (frames) => received.push(...frames),
    close: () => undefined,
  };
}

/** A durable subscriber of `shop` who is subscribed to the event. */
async function named(hub: Hub, subscriberId: string, eventguid: string) {
  const link = connection(`link of ${subscriberId}`);
  hub.connect(link, { name: 'shop' }, { subscriberId, resume: 'on-connect' });
  await hub.subscribe(link.connectionId, { eventguid: parseEventGuid(eventguid), cookie: 'row=9' });
  return link;
}

async function subscribed(hub: Hub, eventguid: string, connectionId = 'c1', cookie = 'row=7') {
  const link = connection(connectionId);
  hub.connect(link, { name: 'anyone' });
  await hub.subscribe(connectionId, { eventguid: parseEventGuid(eventguid), cookie });
  return link;
}

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
    const { call } = await setUp();
    const path = `/v1/events/${encodeURIComponent(eventguid)}`;
    expect(await call('POST', `${path}/trigger`, text('x'))).toMatchObject({
      status: 202,
      body: { eventguid },
    });
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { eventguid, kept: 1 } });
  });

  it('takes dots as an eventguid from clients that do not tidy paths', async () => {
    const { served } = await setUp();
    const { status, body } = await rawRequest(served, 'POST', '/v1/events/%2E%2E/trigger');
    expect([status, JSON.parse(body)]).toMatchObject([202, { eventguid: '..' }]);
  });

  it('accepts a key once', async () => {
    const { call } = await setUp();
    const trigger = () => call('POST', '/v1/events/e/trigger', { headers: { 'Idempotency-Key': 'k' } });
    const first = await trigger();
    expect(await trigger()).toMatchObject({ status: 202, body: first.body });
    expect(await call('GET', '/v1/events/e')).toMatchObject({ body: { kept: 1 } });
  });

  it.each(['binary', 'structured'] as const)('takes a CloudEvent once, %s', async (mode) => {
    const { call } = await setUp();
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
    expect(await call('GET', '/v1/events/e/history')).toMatchObject({
      body: {
        items: [
          { type: 'paid', source: '/shop', id: 'a-1', contentType: 'application/json', data: '{"a":1}' },
        ],
      },
    });
  });

  it('ends the subscriptions with removeAfterSend', async () => {
    const { hub, call } = await setUp();
    await subscribed(hub, 'e');
    expect(await call('POST', '/v1/events/e/trigger?removeAfterSend=true', text('x'))).toMatchObject({
      body: { subscribers: 1 },
    });
    expect(await call('GET', '/v1/events/e')).toMatchObject({ body: { subscribers: 0 } });
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

describe('the operator endpoints', () => {
  it('show nodes', async () => {
    const { call } = await setUp();
    const node = {
      nodeId: 'n1',
      address: 'http://127.0.0.1:1',
      version: '0.1.0',
      generation: expect.any(String),
      startedAt: expect.any(Number),
      figures: { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 },
    };
    expect(await call('GET', '/v1/nodes')).toMatchObject({ status: 200, body: { items: [node] } });
  });

  it('show events page by page, each once', async () => {
    const { call } = await setUp();
    const eventguids = Array.from({ length: 7 }, (_, index) => `e${index}`);
    for (const eventguid of eventguids) await call('POST', `/v1/events/${eventguid}/trigger`);
    const shown: string[] = [];
    let next: string | undefined = '';
    while (next !== undefined) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await call('GET', `/v1/events?limit=2${cursor}`);
      const page = body as { items: { eventguid: string }[]; next?: string };
      shown.push(...page.items.map((item) => item.eventguid));
      next = page.next;
    }
    expect(shown.sort()).toEqual(eventguids);
  });

  it('show the subscriptions of an event and end one', async () => {
    const { hub, call } = await setUp();
    const link = await subscribed(hub, 'a/b', 'c1', 'row=7 "é"');
    const expected = {
      subscriberId: 'c:c1',
      cookie: 'row=7 "é"',
      since: expect.stringMatching(/^\w+:0$/),
      nodeId: 'n1',
      madeAt: expect.any(Number),
    };
    const { body } = await call('GET', '/v1/events/a%2Fb/subscriptions');
    expect(body).toEqual({ items: [expected] });
    expect(await call('DELETE', '/v1/events/a%2Fb/subscriptions/c%3Ac1')).toMatchObject({
      status: 204,
      body: undefined,
    });
    expect((await call('GET', '/v1/events/a%2Fb/subscriptions')).body).toEqual({ items: [] });
    expect(await call('DELETE', '/v1/events/a%2Fb/subscriptions/c%3Ac1')).toMatchObject(
      problem(404, 'not-found'),
    );
    expect(link.received).toEqual([]);
  });

  it('show who takes part in presence', async () => {
    const { hub, call } = await setUp();
    hub.connect(connection('c1'), { name: 'anyone' });
    await hub.subscribe('c1', { eventguid: parseEventGuid('e'), cookie: 'c', presence: true });
    expect((await call('GET', '/v1/events/e/subscriptions')).body).toMatchObject({
      items: [{ subscriberId: 'c:c1', presence: true }],
    });
  });

  it('show the session of a durable subscriber, at its connection and away', async () => {
    const { hub, call } = await setUp();
    const link = await named(hub, 'a/b "é"', 'e 1');
    const path = `/v1/sessions/${encodeURIComponent(subscriberOf(await call('GET', '/v1/events/e%201/subscriptions')))}`;
    const holder = { connectionId: link.connectionId, nodeId: 'n1' };
    const seen = { subscriberId: 'n:shop/a/b "é"', lastSeenAt: expect.any(Number) };
    expect((await call('GET', path)).body).toEqual({ ...seen, ...holder, events: [{ eventguid: 'e 1' }] });
    expect((await call('GET', '/v1/sessions')).body).toEqual({ items: [] });
    hub.disconnect(link.connectionId);
    const away = { ...seen, expiresAt: expect.any(Number), events: [{ eventguid: 'e 1' }] };
    await waitFor(
      async () => !Object.hasOwn((await call('GET', path)).body as object, 'nodeId'),
      'its leave',
    );
    expect((await call('GET', path)).body).toEqual(away);
    expect((await call('GET', '/v1/sessions')).body).toEqual({ items: [away] });
  });

  it('show how far a durable subscriber has come with an event', async () => {
    const { hub, call } = await setUp();
    const link = await named(hub, 'worker', 'e');
    const standing = async () => {
      const { body } = await call('GET', '/v1/events/e/subscriptions');
      return (body as { items: { session?: object }[] }).items[0]?.session;
    };
    const holder = { connectionId: link.connectionId, nodeId: 'n1' };
    const lastSeenAt = expect.any(Number);
    for (let sent = 0; sent < 3; sent++) await call('POST', '/v1/events/e/trigger?wait=delivered', text('x'));
    expect(await standing()).toEqual({ ...holder, lastSeenAt, pending: 3 });
    const { position } = await hub.operator.event({ name: 'x' }, parseEventGuid('e'));
    await hub.acknowledge(link.connectionId, parseEventGuid('e'), { ...position, offset: 2 });
    const acknowledged = `${position.epoch}:2`;
    await waitFor(async () => Object.hasOwn((await standing()) ?? {}, 'acknowledged'), 'the acknowledgement');
    expect(await standing()).toEqual({ ...holder, lastSeenAt, acknowledged, pending: 1 });
  });

  it('show sessions page by page, each once', async () => {
    const { hub, call } = await setUp();
    const subscriberIds = Array.from({ length: 5 }, (_, index) => `worker ${index}`);
    for (const subscriberId of subscriberIds) {
      await named(hub, subscriberId, 'e');
      hub.disconnect(`link of ${subscriberId}`);
    }
    const shown = async (): Promise<string[]> => {
      const pages: string[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
        const { body } = await call('GET', `/v1/sessions?limit=2${cursor}`);
        const page = body as { items: { subscriberId: string }[]; next?: string };
        pages.push(...page.items.map((item) => item.subscriberId));
        next = page.next;
      }
      return pages;
    };
    await waitFor(async () => (await shown()).length >= subscriberIds.length, 'all sessions');
    expect((await shown()).sort()).toEqual(subscriberIds.map((subscriberId) => `n:shop/${subscriberId}`));
  });

  it('show the history, bytes as base64', async () => {
    const { call } = await setUp();
    await call(
      'POST',
      '/v1/events/e/trigger',
      json({ data: 'é', type: 't', contentType: 'text/plain', source: 's', id: 'i', origin: 'o' }),
    );
    await call('POST', '/v1/events/e/trigger?removeAfterSend=true', {
      headers: { 'Content-Type': 'application/octet-stream' },
      body: new Uint8Array([0, 255]),
    });
    const { body } = await call('GET', '/v1/events/e/history');
    const [position, time] = [expect.stringMatching(/^\w+:[12]$/), expect.any(Number)];
    expect(body).toEqual({
      items: [
        {
          position,
          time,
          data: 'é',
          type: 't',
          contentType: 'text/plain',
          source: 's',
          id: 'i',
          origin: 'o',
        },
        { position, time, data: 'AP8=', encoding: 'base64', removeAfterSend: true },
      ],
    });
  });

  it('count, show and close connections', async () => {
    const { hub, call } = await setUp();
    const held = new Map<string, ConnectionSummary>([
      ['c1', { connectionId: 'c1', gateway: 'double', nodeId: 'n1' }],
    ]);
    hub.addDirectory({
      find: (connectionId) => Promise.resolve(held.get(connectionId)),
      count: () => Promise.resolve(held.size),
      disconnect: (connectionId) => Promise.resolve(held.delete(connectionId)),
    });
    expect(await call('GET', '/v1/connections')).toMatchObject({ status: 200, body: { count: 1 } });
    expect((await call('GET', '/v1/connections/c1')).body).toEqual({
      connectionId: 'c1',
      gateway: 'double',
      nodeId: 'n1',
    });
    expect(await call('DELETE', '/v1/connections/c1')).toMatchObject({ status: 204 });
    expect(await call('GET', '/v1/connections/c1')).toMatchObject(problem(404, 'not-found'));
    expect(await call('DELETE', '/v1/connections/c1')).toMatchObject(problem(404, 'not-found'));
  });
});

describe('bad requests', () => {
  it.each<[string, string, number, string, Record<string, string>?, string?]>([
    ['GET', '/', 404, 'not-found'],
    ['GET', '/nowhere', 404, 'not-found'],
    ['GET', '/v1', 404, 'not-found'],
    ['GET', '/v1/nowhere', 404, 'not-found'],
    ['POST', '/v1/events/trigger', 405, 'method-not-allowed'],
    ['POST', '/v1/events//trigger', 404, 'not-found'],
    ['GET', '/v1/events/unheard-of', 404, 'not-found'],
    ['GET', '/v1/connections/unheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/n%3Ashop%2Funheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/n:shop/unheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/c%3Ac1', 404, 'not-found'],
    ['GET', '/v1/sessions/__proto__', 404, 'not-found'],
    ['GET', '/v1/sessions/%zz', 400, 'bad-request'],
    ['GET', '/v1/sessions?limit=0', 400, 'bad-request'],
    ['GET', '/v1/sessions?cursor=made-up', 400, 'bad-request'],
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
    ['GET', '/v1/events/a%0A', 400, 'bad-eventguid'],
    ['GET', '/v1/events?limit=0', 400, 'bad-request'],
    ['GET', '/v1/events?limit=1001', 400, 'bad-request'],
    ['GET', '/v1/events?limit=-1', 400, 'bad-request'],
    ['GET', '/v1/events?limit=ten', 400, 'bad-request'],
    ['GET', '/v1/events?limit=', 400, 'bad-request'],
    ['GET', '/v1/events?limit=1&limit=2', 400, 'bad-request'],
    ['GET', '/v1/events?cursor=', 400, 'bad-request'],
    ['GET', '/v1/events?cursor=made-up', 400, 'bad-request'],
    ['GET', '/v1/events?page=2', 400, 'bad-request'],
    ['GET', '/v1/events?__proto__=1', 400, 'bad-request'],
    ['GET', '/v1/events?access_token=a&access_token=b', 400, 'bad-request'],
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
    ['GET', '/v1/nodes', 401, 'unauthorized', { Authorization: 'Basic YTpi' }],
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
    ['POST', '/v1/nodes', 'GET, HEAD'],
    ['DELETE', '/v1/events/e', 'GET, HEAD'],
    ['PATCH', '/v1/connections/c1', 'DELETE, GET, HEAD'],
    ['POST', '/v1/sessions', 'GET, HEAD'],
    ['DELETE', '/v1/sessions/n%3Ashop%2Fworker', 'GET, HEAD'],
  ])('%s %s is answered 405, with what is allowed', async (method, path, allow) => {
    const { call } = await setUp();
    const answer = await call(method, path);
    expect(answer).toMatchObject(problem(405, 'method-not-allowed'));
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['NONSENSE\r\n\r\n', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`])(
    'what is not HTTP is answered with a problem too',
    async (sent) => {
      const { served } = await setUp();
      const socket = connect(served.port, '127.0.0.1', () => socket.write(sent));
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[^]*application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject(problem(400, 'bad-request').body);
    },
  );
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

  it('answer 503 while the node drains', async () => {
    const { hub, call } = await setUp();
    await hub.drain();
    expect(await call('POST', '/v1/events/e/trigger')).toMatchObject(problem(503, 'draining'));
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

describe('errors of every origin', () => {
  it('are counted once, by their code', async () => {
    const counted: string[] = [];
    const metrics = new CountingMetrics();
    metrics.failed = (code) => counted.push(code);
    const { served } = await setUp({ metrics });
    for (const path of [
      '/nowhere',
      '/v1/events/%zz',
      '/v1/events/a%00',
      '/v1/events?limit=0',
      '/v1/events/e/trigger',
    ]) {
      await rawRequest(served, 'GET', path);
    }
    expect(counted).toEqual([
      'not-found',
      'bad-request',
      'bad-eventguid',
      'bad-request',
      'method-not-allowed',
    ]);
  });

  it('lead to a page that is there without the other documentation', async () => {
    const { served, call } = await setUp({}, { docs: false });
    expect((await rawRequest(served, 'GET', '/docs/errors')).status).toBe(200);
    for (const path of ['/docs', '/docs-json'])
      expect(await call('GET', path)).toMatchObject(problem(404, 'not-found'));
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

  it('is asked for at every operator endpoint', async () => {
    const { call } = await setUp({ access });
    const paths = [
      'nodes',
      'events',
      'events/e',
      'events/e/subscriptions',
      'events/e/history',
      'connections',
      'connections/c',
      'sessions',
      'sessions/n%3Ashop%2Fworker',
    ];
    for (const path of paths) {
      expect(await call('GET', `/v1/${path}`)).toMatchObject(problem(401, 'unauthorized'));
      expect(await call('GET', `/v1/${path}?access_token=trigger`)).toMatchObject(problem(403, 'forbidden'));
    }
    expect(await call('DELETE', '/v1/connections/c')).toMatchObject(problem(401, 'unauthorized'));
    expect(await call('DELETE', '/v1/events/e/subscriptions/s')).toMatchObject(problem(401, 'unauthorized'));
    expect(await call('GET', '/v1/nodes?access_token=operate')).toMatchObject({ status: 200 });
  });
});

describe('the server', () => {
  /** What a client hears that sends the beginning of a request and then waits. */
  async function hearAfter(served: ServedHub, sent: string): Promise<string> {
    const socket = connect(served.port, '127.0.0.1', () => socket.write(sent));
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  }

  it('gives requests a time to arrive, and bounds its links', async () => {
    const { served } = await setUp();
    const { requestTimeout, headersTimeout, maxConnections } = served.server;
    expect([requestTimeout, headersTimeout]).toEqual([30_000, 10_000]);
    expect(maxConnections).toBeGreaterThan(LIMITS.connectionsPerNode);
  });

  it.each([
    'GET /v1/nodes HTTP/1.1\r\nHost: a\r\n',
    'POST /v1/events/e/trigger HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
  ])('answers 408 to who does not go on sending', async (sent) => {
    const http = { headersTimeout: 20, connectionsCheckingInterval: 10 };
    const { served } = await setUp({}, {}, { ...httpAdapterOptions(), requestTimeout: 30, http });
    const [head = '', body = ''] = (await hearAfter(served, sent)).split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(JSON.parse(body)).toMatchObject(problem(408, 'timeout').body);
  });

  it('refuses who is not known before the body has come', async () => {
    const access = new OpenAccess();
    access.authenticate = () => Promise.reject(new HubError('unauthorized'));
    const { served } = await setUp({ access });
    const announced =
      'POST /v1/events/e/trigger HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\n';
    expect(await hearAfter(served, announced)).toMatch(/^HTTP\/1.1 401 /);
  });

  it('names its node in every answer', async () => {
    const { call } = await setUp();
    for (const path of ['/v1/nodes', '/nowhere']) {
      expect((await call('GET', path)).headers.get('x-ringback-node')).toBe('n1');
    }
  });
});

describe('CORS', () => {
  const origin = 'https://shop.example';

  it.each(['POST', 'DELETE'])(
    'does not stand in for a refusal: %s of a foreign page is forbidden',
    async (method) => {
      const { call, hub, served } = await setUp();
      const link = await subscribed(hub, 'e');
      const path = method === 'POST' ? '/v1/events/e/trigger' : '/v1/events/e/subscriptions/c%3Ac1';
      for (const foreign of [origin, 'null']) {
        const answer = await call(method, path, { headers: { Origin: foreign } });
        expect(answer).toMatchObject(problem(403, 'forbidden'));
      }
      expect([link.received, hub.figures().subscriptions]).toEqual([[], 1]);
      const own = await call(method, path, { headers: { Origin: served.url } });
      expect(own.status).toBe(method === 'POST' ? 202 : 204);
    },
  );

  const preflight = {
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  };

  it('is off by default', async () => {
    const { call } = await setUp();
    const answer = await call('GET', '/v1/nodes', { headers: { Origin: origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(await call('OPTIONS', '/v1/events/e/trigger', preflight)).toMatchObject({ status: 405 });
  });

  it.each<[HttpConfig['corsOrigins'] & {}, string | null]>([
    ['*', '*'],
    [[origin, 'https://other.example'], origin],
    [['https://other.example'], null],
  ])('with the origins %j allows %s', async (corsOrigins, allowed) => {
    const { call } = await setUp({}, { corsOrigins });
    for (const [method, path, init] of [
      ['OPTIONS', '/v1/events/e/trigger', preflight],
      ['GET', '/v1/nowhere', { headers: { Origin: origin } }],
    ] as const) {
      const answer = await call(method, path, init);
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    }
  });
});
