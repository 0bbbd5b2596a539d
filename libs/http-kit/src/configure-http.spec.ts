import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Module, NotFoundException, Post, Req } from '@nestjs/common';
import { HubError } from '@ringback/contract';
import { problem, startHttpHub, type HttpHub } from '../../../test/support/http-hub.js';
import type { HttpRequest } from './http-request.js';

const JSON_BODY = { headers: { 'content-type': 'application/json' }, body: '{"item":"pizza"}' };

/** A controller of the application's own. */
@Controller('orders')
class OrdersController {
  @Post()
  place(@Body() body: object): object {
    return { placed: body };
  }

  @Post('refused')
  refuse(): never {
    throw new NotFoundException('sold out');
  }
}

/** One of the hub's. */
@Controller('v1/sample')
class SampleController {
  @Post()
  take(@Req() { body, headers }: HttpRequest): object {
    const bytes = body instanceof Buffer ? body.toString() : body;
    return { bytes, type: headers['content-type'] ?? null };
  }

  @Post('refused')
  refuse(): never {
    throw new HubError('forbidden');
  }
}

@Module({ controllers: [OrdersController, SampleController] })
class EmbeddingModule {}

describe('configureHttp beside controllers of the application', () => {
  let http: HttpHub;

  beforeEach(async () => {
    http = await startHttpHub({ modules: [EmbeddingModule], config: { paths: ['/v1', '/docs'] } });
  });

  afterEach(() => http.close());

  it('leaves their bodies and errors to Nest, and lets everybody in', async () => {
    const placed = await http.call('POST', '/orders?access_token=a&access_token=b', JSON_BODY);
    expect(placed).toMatchObject({ status: 201, body: { placed: { item: 'pizza' } } });
    expect(placed.headers.get('x-ringback-node')).toBeNull();
    expect(await http.call('POST', '/orders/refused')).toMatchObject({
      status: 404,
      body: { statusCode: 404, message: 'sold out' },
    });
    expect(await http.call('GET', '/nowhere')).toMatchObject({ status: 404, body: { statusCode: 404 } });
  });

  it('reads bodies of its own paths as bytes, whatever they say they are', async () => {
    expect(await http.call('POST', '/v1/sample', JSON_BODY)).toMatchObject({
      body: { bytes: '{"item":"pizza"}', type: 'application/json' },
    });
    const unnamed = { body: Buffer.from('bytes') };
    expect(await http.call('POST', '/v1/sample', unnamed)).toMatchObject({
      body: { bytes: 'bytes', type: null },
    });
    expect((await http.call('POST', '/v1/sample')).body).toEqual({ type: null });
  });

  it('answers errors of its own paths as problems, and guards them', async () => {
    expect(await http.call('POST', '/v1/sample/refused')).toMatchObject(problem(403, 'forbidden'));
    expect(await http.call('PUT', '/v1/sample')).toMatchObject(problem(405, 'method-not-allowed'));
    expect(await http.call('GET', '/v1/nowhere')).toMatchObject(problem(404, 'not-found'));
    const invalid = { ...JSON_BODY, headers: { 'content-type': 'nonsense' } };
    expect(await http.call('POST', '/v1/sample', invalid)).toMatchObject(
      problem(415, 'unsupported-media-type'),
    );
    const twice = '/v1/sample?access_token=a&access_token=b';
    expect(await http.call('POST', twice)).toMatchObject(problem(400, 'bad-request'));
  });
});

describe('the OpenAPI document', () => {
  it('is written once, however often it is asked for', async () => {
    let written = 0;
    const info = { title: 'sample', version: '1', toJSON: () => ({ title: 'sample', written: ++written }) };
    const http = await startHttpHub({
      modules: [EmbeddingModule],
      config: { description: { openapi: '3.0.0', info } },
    });
    try {
      const [first, second] = [await http.call('GET', '/docs-json'), await http.call('GET', '/docs-json')];
      expect(first).toMatchObject({ status: 200, body: { info: { written: 1 }, paths: { '/orders': {} } } });
      expect(first.headers.get('content-type')).toMatch(/^application\/json/);
      expect(second.body).toEqual(first.body);
    } finally {
      await http.close();
    }
  });
});
