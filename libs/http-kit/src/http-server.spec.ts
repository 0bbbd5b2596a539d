import { DEFAULT_LIMITS, HubError, type Origins } from '@ringback/contract';
import { Hub, type HubPorts } from '@ringback/core';
import { CountingMetrics, OpenAccess } from '@ringback/memory';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, HttpCode, Module, Param, Post, Query } from '@nestjs/common';
import { connect } from 'node:net';
import {
  problem,
  rawRequest,
  startHttpHub,
  type HttpHub,
  type HttpHubOptions,
} from '../../../test/support/http-hub.js';
import { ErrorPageModule } from './docs.module.js';
import { EventGuidPipe } from './eventguid.pipe.js';
import { httpAdapterOptions } from './http-adapter.js';
import { Authenticator } from './identity.guard.js';
import { OriginPolicy } from './origin-policy.js';

/** Any controller of a hub. */
@Controller('v1/events')
class SampleController {
  @Get()
  list(@Query('limit') limit?: string): object {
    if (limit === '0') throw new HubError('bad-request');
    return {};
  }

  @Get(':eventguid')
  show(@Param('eventguid', EventGuidPipe) eventguid: string): object {
    return { eventguid };
  }

  @Post(':eventguid/trigger')
  @HttpCode(202)
  trigger(): object {
    return {};
  }
}

@Module({
  imports: [ErrorPageModule],
  controllers: [SampleController],
  providers: [{ provide: Authenticator, useExisting: Hub }],
})
class SampleModule {}

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function setUp(
  ports: Partial<HubPorts> = {},
  config: HttpHubOptions['config'] = {},
  adapter: object = httpAdapterOptions(),
): Promise<HttpHub> {
  const started = await startHttpHub({ modules: [SampleModule], ports, config, adapter });
  closers.push(() => started.close());
  return started;
}

/** What a client hears that sends this and then waits. */
async function responseTo({ served }: HttpHub, sent: string): Promise<{ head: string; body: string }> {
  const socket = connect(served.port, '127.0.0.1', () => socket.write(sent));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const [head = '', body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
  return { head, body };
}

describe('errors of every origin', () => {
  it.each(['/', '/nowhere', '/v1', '/v1/nowhere'])(
    'answer 404 where there is no such path: %s',
    async (path) => {
      const { served, log } = await setUp();
      const answer = await rawRequest(served, 'GET', path);
      expect({ status: answer.status, body: JSON.parse(answer.body) as unknown }).toEqual(
        problem(404, 'not-found'),
      );
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.body).not.toMatch(/FST_|Cannot|node_modules|\\n|\.js/);
      expect(log.at('error')).toEqual([]);
    },
  );

  it.each([
    ['PUT', '/v1/events/e/trigger', 'POST'],
    ['POST', '/v1/events', 'GET, HEAD'],
    ['DELETE', '/v1/events/e', 'GET, HEAD'],
  ])('answer 405 with the methods of the path: %s %s', async (method, path, allow) => {
    const { call } = await setUp();
    const answer = await call(method, path);
    expect(answer).toMatchObject(problem(405, 'method-not-allowed'));
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['NONSENSE\r\n\r\n', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`])(
    'answer 400 where it is not HTTP',
    async (sent) => {
      const { head, body } = await responseTo(await setUp(), sent);
      expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[^]*application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject(problem(400, 'bad-request').body);
    },
  );

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
    const { served, call } = await setUp();
    expect((await rawRequest(served, 'GET', '/docs/errors')).status).toBe(200);
    for (const path of ['/docs', '/docs-json'])
      expect(await call('GET', path)).toMatchObject(problem(404, 'not-found'));
  });
});

describe('the server', () => {
  it('limits how long requests may take to arrive, and how many connections there are', async () => {
    const { served } = await setUp();
    const { requestTimeout, headersTimeout, maxConnections } = served.server;
    expect([requestTimeout, headersTimeout]).toEqual([30_000, 10_000]);
    expect(httpAdapterOptions().http.connectionsCheckingInterval).toBe(1_000); // Node keeps it to itself
    expect(maxConnections).toBeGreaterThan(DEFAULT_LIMITS.connectionsPerNode);
  });

  it.each([
    'GET /v1/events HTTP/1.1\r\nHost: a\r\n',
    'POST /v1/events/e/trigger HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n',
  ])('answers 408 to a client that stops sending', async (sent) => {
    const http = { headersTimeout: 20, connectionsCheckingInterval: 10 };
    const hub = await setUp({}, {}, { ...httpAdapterOptions(), requestTimeout: 30, http });
    const { head, body } = await responseTo(hub, sent);
    expect(head).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(JSON.parse(body)).toMatchObject(problem(408, 'timeout').body);
  });

  it('refuses unknown identities before the body has come', async () => {
    const access = new OpenAccess();
    access.authenticate = () => Promise.reject(new HubError('unauthorized'));
    const announced =
      'POST /v1/events/e/trigger HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 9\r\n\r\n';
    expect((await responseTo(await setUp({ access }), announced)).head).toMatch(/^HTTP\/1.1 401 /);
  });

  it('names its node in every response', async () => {
    const { call } = await setUp();
    for (const path of ['/v1/events', '/nowhere']) {
      expect((await call('GET', path)).headers.get('x-ringback-node')).toBe('n1');
    }
  });
});

describe('CORS', () => {
  const origin = 'https://shop.example';
  const preflight = {
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  };

  it.each([origin, 'null'])(
    'does not stand in for a refusal: POST of a page of %s is forbidden',
    async (foreign) => {
      const { call, served } = await setUp();
      const answer = await call('POST', '/v1/events/e/trigger', { headers: { Origin: foreign } });
      expect(answer).toMatchObject(problem(403, 'forbidden'));
      const own = await call('POST', '/v1/events/e/trigger', { headers: { Origin: served.url } });
      expect(own.status).toBe(202);
    },
  );

  it('is off by default', async () => {
    const { call } = await setUp();
    const answer = await call('GET', '/v1/events', { headers: { Origin: origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const { status, headers } = await call('OPTIONS', '/v1/events/e/trigger', preflight);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, null]);
  });

  it.each<[Origins, string | null]>([
    ['*', origin],
    [[origin, 'https://other.example'], origin],
    [['https://other.example'], null],
  ])('with the origins %j allows %s', async (listed, allowed) => {
    const { call } = await setUp({}, { origins: new OriginPolicy(listed) });
    for (const [method, path, init] of [
      ['OPTIONS', '/v1/events/e/trigger', preflight],
      ['GET', '/v1/nowhere', { headers: { Origin: origin } }],
    ] as const) {
      const answer = await call(method, path, init);
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    }
  });
});
