import { parseEventGuid } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import type { Connection, ConnectionSummary, Hub } from '@ringback/core';
import { HttpGatewayModule } from '@ringback/gateway-http';
import { DocsPageModule, HTTP_ERRORS } from '@ringback/http-kit';
import { OperatorApiModule } from '@ringback/operator-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { rawRequest, startHttpHub, type HttpHub } from '../../../test/support/http-hub.js';
import { HUB_API } from './hub-api.js';

const PAGE = readFileSync(new URL('../../../docs/protocol/http.md', import.meta.url), 'utf8');
const CONNECTION: ConnectionSummary = { connectionId: 'n1-8Zk2vQ', gateway: 'socketio', nodeId: 'n1' };

/** What differs from run to run. */
const UNSTEADY = new Set(['time', 'madeAt', 'startedAt', 'lastSeenAt', 'expiresAt', 'generation', 'figures']);

interface Message {
  readonly start: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly content?: Readonly<Record<string, { readonly schema?: object; readonly examples?: object }>>;
      }
    >
  >;
}

interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
  readonly security: readonly object[];
}

let started: HttpHub;
let hub: Hub;
let served: HttpHub['served'];
let api: ApiDescription;

beforeAll(async () => {
  started = await startHttpHub({
    modules: [HttpGatewayModule, OperatorApiModule, DocsPageModule],
    config: { description: HUB_API },
  });
  ({ hub, served } = started);
  api = (await (await fetch(`${served.url}/docs-json`)).json()) as ApiDescription;
});

afterAll(() => started.close());

const operations = (): [string, Operation][] =>
  Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

describe('the OpenAPI description', () => {
  it('describes every route of /v1, and nothing else', () => {
    const routes = served.routes.filter((route) => / \/v1\b/.test(route) && !route.startsWith('HEAD'));
    const described = routes.map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(described).toHaveLength(20);
    expect(
      operations()
        .map(([name]) => name)
        .sort(),
    ).toEqual(described.sort());
  });

  it('gives each operation a summary, its parameters, what it answers and how it fails', () => {
    for (const [name, { summary, parameters = [], responses }] of operations()) {
      expect([name, summary]).toEqual([name, expect.stringMatching(/^\w.+/)]);
      const inPath = parameters
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      expect([name, inPath.sort()]).toEqual([name, (name.match(/(?<=\{)\w+/g) ?? []).sort()]);
      const statuses = Object.keys(responses);
      expect([name, statuses.filter((status) => status.startsWith('2'))]).toEqual([
        name,
        [expect.any(String)],
      ]);
      expect([name, statuses]).toEqual([name, expect.arrayContaining(['401', '403', '500', '503'])]);
    }
  });

  it('gives each answer a schema, and each error an example of every code', () => {
    for (const [name, { responses }] of operations()) {
      for (const [status, { content = {} }] of Object.entries(responses)) {
        const type = Number(status) < 300 ? 'application/json' : 'application/problem+json';
        if (status !== '204')
          expect([name, status, content]).toEqual([
            name,
            status,
            { [type]: expect.objectContaining({ schema: expect.any(Object) }) },
          ]);
        for (const code of Object.keys(content[type]?.examples ?? {})) {
          expect(HTTP_ERRORS[code as keyof typeof HTTP_ERRORS].status).toBe(Number(status));
        }
      }
    }
  });

  it('says that any operation may be a bad request', () => {
    for (const [, { responses }] of operations()) expect(responses).toHaveProperty('400');
  });

  it('describes every form of a trigger', () => {
    const operation = api.paths['/v1/events/{eventguid}/trigger']?.['post'];
    expect(Object.keys(operation?.requestBody?.content ?? {})).toEqual([
      'application/json',
      'text/plain',
      'application/octet-stream',
      'application/cloudevents+json',
    ]);
    const names = operation?.parameters?.map((parameter) => parameter.name).sort();
    expect(names).toEqual([
      'Idempotency-Key',
      'contentType',
      'eventguid',
      'id',
      'key',
      'origin',
      'removeAfterSend',
      'source',
      'timeoutMs',
      'type',
      'wait',
    ]);
  });

  it('describes the pages, the security, and every schema that it refers to', () => {
    for (const path of [
      '/v1/nodes',
      '/v1/sessions',
      '/v1/events',
      '/v1/events/{eventguid}/subscriptions',
      '/v1/events/{eventguid}/history',
    ]) {
      const names = api.paths[path]?.['get']?.parameters
        ?.filter((parameter) => parameter.in === 'query')
        .map((parameter) => parameter.name);
      expect([path, names?.sort()]).toEqual([path, ['cursor', 'limit']]);
    }
    for (const path of ['/v1/subscriptions', '/v1/history']) {
      const names = api.paths[path]?.['get']?.parameters?.map((parameter) => parameter.name);
      expect([path, names?.sort()]).toEqual([path, ['cursor', 'eventguid', 'limit']]);
    }
    expect(api.security).toEqual([{ token: [] }, { queryToken: [] }]);
    const references = [...JSON.stringify(api).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(new Set(references)).toEqual(new Set(Object.keys(api.components.schemas)));
  });
});

describe('the OpenAPI page', () => {
  it('loads all that it needs from the node itself', async () => {
    const page = await (await fetch(`${served.url}/docs`)).text();
    const sources = [...page.matchAll(/(?:src|href)=["']([^"']+)["']/g)].map(([, source = '']) => source);
    expect(sources).toEqual([
      'data:,',
      './docs/swagger-ui.css',
      './docs/swagger-ui-bundle.js',
      './docs/start.js',
    ]);
    for (const source of sources.slice(1)) {
      const { status, headers } = await fetch(new URL(source, `${served.url}/docs`));
      expect([source, status, headers.get('content-type')]).toEqual([
        source,
        200,
        expect.stringMatching(/css|javascript/),
      ]);
    }
    const start = await (await fetch(`${served.url}/docs/start.js`)).text();
    expect(start).toContain("url: './docs-json'");
    expect(start).toContain("validatorUrl: 'none'");
  });

  it.each(['package.json', '..%2Fpackage.json', 'swagger-ui.js', '__proto__'])(
    'does not hand out %s',
    async (file) => {
      const { status, body } = await rawRequest(served, 'GET', `/docs/${file}`);
      expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ code: 'not-found' })]);
    },
  );

  it('explains every code where problems point to', async () => {
    const page = await (await fetch(`${served.url}/docs/errors`)).text();
    for (const code of Object.keys(HTTP_ERRORS)) expect(page).toContain(`<h2 id="${code}">`);
  });
});

describe('docs/protocol/http.md', () => {
  const examples = [...PAGE.matchAll(/```http\n([^]*?)```/g)].map(([, text = '']) => messageOf(text));

  it('has the examples, answered as it says, in its order', async () => {
    await holdWhatExamplesShow();
    expect(examples.length).toBeGreaterThan(30);
    for (let index = 0; index < examples.length; index += 2)
      await expectAnswer(examples[index]!, examples[index + 1]!);
  });

  it('has every code with its status and its Retry-After', () => {
    for (const [code, { status, retryAfter }] of Object.entries(HTTP_ERRORS)) {
      expect(PAGE).toMatch(
        new RegExp(
          `\\| \`${code}\` +\\| ${status} +\\| ${retryAfter === undefined ? '' : `${retryAfter} s`} *\\|`,
        ),
      );
    }
  });
});

function messageOf(text: string): Message {
  const [head = '', ...body] = text.trimEnd().split('\n\n');
  const [start = '', ...headers] = head.split('\n');
  return {
    start: start.split(' '),
    headers: Object.fromEntries(headers.map((line) => line.split(': ') as [string, string])),
    body: body.join('\n\n'),
  };
}

async function holdWhatExamplesShow(): Promise<void> {
  let held: ConnectionSummary | undefined = CONNECTION;
  hub.addDirectory({
    find: () => Promise.resolve(held),
    count: () => Promise.resolve(held ? 1 : 0),
    disconnect: () => {
      held = undefined;
      hub.disconnect(CONNECTION.connectionId);
      return Promise.resolve(true);
    },
  });
  const { connectionId, gateway } = CONNECTION;
  const codec = { name: 'none', encodeCookie: () => '', prepare: () => () => '' };
  hub.connect(
    { connectionId, gateway, codec, bufferedBytes: 0, send: () => undefined, close: () => undefined },
    { name: 'a' },
  );
  await hub.subscribe(connectionId, { eventguid: parseEventGuid('order-42'), cookie: 'row=7' });
  await hub.subscribe(connectionId, { eventguid: parseEventGuid('order-43'), cookie: 'row=8' });
  await leaveSession({ gateway, codec });
}

/** A durable subscriber who was here, has acknowledged one of two envelopes, and is away. */
async function leaveSession(link: Pick<Connection, 'gateway' | 'codec'>): Promise<void> {
  const [connectionId, shop] = ['n1-named', { name: 'shop' }];
  const eventguid = parseEventGuid('order-44');
  hub.connect(
    { ...link, connectionId, bufferedBytes: 0, send: () => undefined, close: () => undefined },
    shop,
    { subscriberId: 'worker-1', resume: 'on-connect' },
  );
  await hub.subscribe(connectionId, { eventguid, cookie: 'row=9' });
  const trigger = { eventguid, data: 'ready', removeAfterSend: false };
  const { position } = await triggerDelivered(shop, trigger);
  await triggerDelivered(shop, trigger);
  await hub.acknowledge(connectionId, eventguid, position);
  hub.disconnect(connectionId);
  await waitFor(
    async () => (await hub.operator.sessions(shop, { limit: 1 })).items.length === 1,
    'the session to be away',
  );
}

async function triggerDelivered(...[identity, trigger]: Parameters<Hub['trigger']>) {
  const triggered = await hub.trigger(identity, trigger, { waitMs: 2_000 });
  await triggered.receipt;
  return triggered;
}

async function expectAnswer(request: Message, expected: Message): Promise<void> {
  const [method = '', path = ''] = request.start;
  const answer = await rawRequest(served, method, path, request.headers, request.body);
  expect([method, path, answer.status]).toEqual([method, path, Number(expected.start[1])]);
  for (const [name, value] of Object.entries(expected.headers))
    expect(answer.headers[name.toLowerCase()]).toBe(value);
  expect(steady(answer.body)).toEqual(steady(expected.body));
}

/** The body without what differs from run to run. */
function steady(body: string): unknown {
  if (body === '') return undefined;
  return JSON.parse(body, (name, value: unknown) => {
    if (UNSTEADY.has(name)) return typeof value;
    return ['position', 'since', 'acknowledged'].includes(name)
      ? String(value).replace(/^\w+:/, 'epoch:')
      : value;
  });
}
