import { HubError, parseEventGuid, type Trigger } from '@ringback/contract';
import type {
  AccessPolicy,
  ConnectionSummary,
  Hub,
  HubPorts,
  HubTriggerOptions,
  Identity,
} from '@ringback/core';
import { waitFor } from '@ringback/conformance';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  problem,
  rawRequest,
  recordingConnection,
  startHttpHub,
  type HttpHub,
  type JsonResponse,
} from '../../../test/support/http-hub.js';
import { OperatorApiModule } from './operator-api.module.js';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(ports: Partial<HubPorts> = {}): Promise<HttpHub> {
  const started = await startHttpHub({ modules: [OperatorApiModule], ports });
  closers.push(() => started.close());
  return started;
}

/** The only subscriber on a page of subscriptions. */
function subscriberOf({ body }: JsonResponse): string {
  const { items } = body as { readonly items: readonly { readonly subscriberId: string }[] };
  return items[0]?.subscriberId ?? 'nobody';
}

/** A durable subscriber of `shop` who is subscribed to the event. */
async function named(hub: Hub, subscriberId: string, eventguid: string) {
  const link = recordingConnection(`link of ${subscriberId}`);
  hub.connect(link, { name: 'shop' }, { subscriberId, resume: 'on-connect' });
  await hub.subscribe(link.connectionId, { eventguid: parseEventGuid(eventguid), cookie: 'row=9' });
  return link;
}

const ANYONE: Identity = { name: 'anyone' };

async function subscribed(
  hub: Hub,
  eventguid: string,
  connectionId = 'c1',
  cookie = 'row=7',
  identity = ANYONE,
) {
  const link = recordingConnection(connectionId);
  hub.connect(link, identity);
  await hub.subscribe(connectionId, { eventguid: parseEventGuid(eventguid), cookie });
  return link;
}

/** Resolves, with `waitMs`, when the envelope has been delivered. */
async function trigger(
  hub: Hub,
  eventguid: string,
  more: Partial<Trigger> = {},
  options: HubTriggerOptions = {},
) {
  const fields = { eventguid: parseEventGuid(eventguid), data: 'x', removeAfterSend: false };
  const { receipt } = await hub.trigger({ name: 'shop' }, { ...fields, ...more }, options);
  await receipt;
}

describe('the operator endpoints', () => {
  it('show nodes', async () => {
    const { call } = await setUp();
    const node = {
      nodeId: 'n1',
      address: 'http://10.0.0.7:3000',
      version: '0.1.0',
      generation: expect.any(String),
      startedAt: expect.any(Number),
      figures: { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 },
    };
    expect(await call('GET', '/v1/nodes')).toMatchObject({ status: 200, body: { items: [node] } });
  });

  it('show events page by page, each once', async () => {
    const { hub, call } = await setUp();
    const eventguids = Array.from({ length: 7 }, (_, index) => `e${index}`);
    for (const eventguid of eventguids) await trigger(hub, eventguid);
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
    hub.connect(recordingConnection('c1'), { name: 'anyone' });
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
    for (let sent = 0; sent < 3; sent++) await trigger(hub, 'e', {}, { waitMs: 2_000 });
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
    const { hub, call } = await setUp();
    const labels = { type: 't', contentType: 'text/plain', source: 's', id: 'i', origin: 'o' };
    await trigger(hub, 'e', { data: 'é', ...labels });
    await trigger(hub, 'e', { data: new Uint8Array([0, 255]), removeAfterSend: true });
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
    ['POST', '/v1/events/trigger', 405, 'method-not-allowed'],
    ['GET', '/v1/events/unheard-of', 404, 'not-found'],
    ['GET', '/v1/connections/unheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/n%3Ashop%2Funheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/n:shop/unheard-of', 404, 'not-found'],
    ['GET', '/v1/sessions/c%3Ac1', 404, 'not-found'],
    ['GET', '/v1/sessions/__proto__', 404, 'not-found'],
    ['GET', '/v1/sessions/%zz', 400, 'bad-request'],
    ['GET', '/v1/sessions?limit=0', 400, 'bad-request'],
    ['GET', '/v1/sessions?cursor=made-up', 400, 'bad-request'],
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
});

describe('the operator endpoints that are told in the query', () => {
  const NAMED = '/v1/session?subscriber=n%3Ashop%2Fworker';

  it.each(['a/b', 'a/../b', '..'])(
    'show the event %s, its history and its subscriptions',
    async (eventguid) => {
      const { hub, call } = await setUp();
      await subscribed(hub, eventguid);
      await trigger(hub, eventguid, {}, { waitMs: 1_000 });
      const query = `eventguid=${encodeURIComponent(eventguid)}`;
      expect(await call('GET', `/v1/event?${query}`)).toMatchObject({
        status: 200,
        body: { eventguid, kept: 1 },
      });
      expect((await call('GET', `/v1/history?${query}&limit=1`)).body).toMatchObject({
        items: [{ data: 'x' }],
      });
      expect((await call('GET', `/v1/subscriptions?${query}`)).body).toMatchObject({
        items: [{ subscriberId: 'c:c1' }],
      });
      expect(await call('DELETE', `/v1/subscriptions?${query}&subscriber=c:c1`)).toMatchObject({
        status: 204,
      });
      expect((await call('GET', `/v1/subscriptions?${query}`)).body).toEqual({ items: [] });
    },
  );

  it('show a session, and end a subscription of it', async () => {
    const { hub, call } = await setUp();
    await named(hub, 'worker', 'a/b');
    expect(await call('GET', NAMED)).toMatchObject({ status: 200, body: { subscriberId: 'n:shop/worker' } });
    const path = '/v1/subscriptions?eventguid=a/b&subscriber=n:shop/worker';
    expect(await call('DELETE', path)).toMatchObject({ status: 204 });
    expect(hub.figures().subscriptions).toBe(0);
  });

  it('show a connection and close it', async () => {
    const { hub, call } = await setUp();
    const held = new Map<string, ConnectionSummary>([
      ['c/1', { connectionId: 'c/1', gateway: 'double', nodeId: 'n1' }],
    ]);
    hub.addDirectory({
      find: (connectionId) => Promise.resolve(held.get(connectionId)),
      count: () => Promise.resolve(held.size),
      disconnect: (connectionId) => Promise.resolve(held.delete(connectionId)),
    });
    expect(await call('GET', '/v1/connection?connection=c/1')).toMatchObject({
      body: { connectionId: 'c/1' },
    });
    expect(await call('DELETE', '/v1/connection?connection=c/1')).toMatchObject({ status: 204 });
    expect(held.size).toBe(0);
  });

  it.each([
    ['GET', '/v1/event'],
    ['GET', '/v1/history?limit=1'],
    ['GET', '/v1/history?eventguid=a&subscriber=b'],
    ['GET', '/v1/events?eventguid=a'],
    ['GET', '/v1/events/a?eventguid=b'],
    ['GET', '/v1/events/a/history?eventguid=b'],
    ['GET', '/v1/events/a/subscriptions?eventguid=b'],
    ['GET', '/v1/subscriptions?eventguid=a&eventguid=a'],
    ['DELETE', '/v1/subscriptions?eventguid=a'],
    ['DELETE', '/v1/events/a/subscriptions/c%3Ac1?subscriber=c:c2'],
    ['GET', '/v1/session'],
    ['GET', '/v1/sessions/n%3Ashop%2Fworker?subscriber=n:shop/other'],
    ['GET', '/v1/connections/c1?connection=c2'],
    ['DELETE', '/v1/connection'],
  ])('refuse %s %s', async (method, path) => {
    const { hub, call } = await setUp();
    await subscribed(hub, 'a');
    expect(await call(method, path)).toMatchObject(problem(400, 'bad-request'));
    expect(hub.figures()).toMatchObject({ subscriptions: 1, connections: 1 });
  });

  it.each([
    'GET /v1/event/../nodes',
    'GET /v1/events/a/../b',
    'DELETE /v1/events/a/subscriptions/..',
    'GET /v1/sessions/n:shop//worker',
  ])('do not tidy the path of %s', async (line) => {
    const { served } = await setUp();
    const [method = '', path = ''] = line.split(' ');
    const { status, body } = await rawRequest(served, method, path);
    expect({ status, body: JSON.parse(body) as unknown }).toEqual(problem(400, 'bad-request'));
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
      'event?eventguid=e',
      'subscriptions?eventguid=e',
      'history?eventguid=e',
      'connection?connection=c',
      'session?subscriber=n:shop/worker',
    ];
    for (const path of paths) {
      expect(await call('GET', `/v1/${path}`)).toMatchObject(problem(401, 'unauthorized'));
      const separator = path.includes('?') ? '&' : '?';
      expect(await call('GET', `/v1/${path}${separator}access_token=trigger`)).toMatchObject(
        problem(403, 'forbidden'),
      );
    }
    expect(await call('DELETE', '/v1/connections/c')).toMatchObject(problem(401, 'unauthorized'));
    expect(await call('DELETE', '/v1/events/e/subscriptions/s')).toMatchObject(problem(401, 'unauthorized'));
    expect(await call('GET', '/v1/nodes?access_token=read')).toMatchObject({ status: 200 });
  });

  it('wants a right of its own for what ends something', async () => {
    const { call, hub } = await setUp({ access });
    await subscribed(hub, 'e', 'c1', 'row=7', { name: 'subscribe' });
    const subscription = '/v1/events/e/subscriptions/c%3Ac1?access_token=';
    const connection = '/v1/connections/none?access_token=';
    for (const path of [subscription, connection])
      expect(await call('DELETE', `${path}read`)).toMatchObject(problem(403, 'forbidden'));
    expect(await call('DELETE', `${subscription}connections`)).toMatchObject(problem(403, 'forbidden'));
    expect(await call('DELETE', `${connection}subscriptions`)).toMatchObject(problem(403, 'forbidden'));
    expect(await call('DELETE', `${subscription}subscriptions`)).toMatchObject({ status: 204 });
    expect(await call('DELETE', `${connection}connections`)).toMatchObject(problem(404, 'not-found'));
  });
});

describe('pages of a foreign origin', () => {
  it('may not end a subscription', async () => {
    const { call, hub, served } = await setUp();
    await subscribed(hub, 'e');
    const path = '/v1/events/e/subscriptions/c%3Ac1';
    for (const foreign of ['https://shop.example', 'null']) {
      const answer = await call('DELETE', path, { headers: { Origin: foreign } });
      expect(answer).toMatchObject(problem(403, 'forbidden'));
    }
    expect(hub.figures().subscriptions).toBe(1);
    const own = await call('DELETE', path, { headers: { Origin: served.url } });
    expect(own.status).toBe(204);
  });
});
