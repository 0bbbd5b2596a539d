import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { problem, startHttpHub, type HttpHub } from '../../../test/support/http-hub.js';
import { PreparingModule } from './testing/preparing.module.js';

describe('POST /v1/streams', () => {
  let served: HttpHub;

  beforeEach(async () => {
    served = await startHttpHub({ modules: [PreparingModule] });
  });
  afterEach(async () => {
    await served.close();
  });

  const post = (body: string, type = 'application/json') =>
    served.call('POST', '/v1/streams', { headers: { 'Content-Type': type }, body });

  it('answers with the URL of the stream', async () => {
    const { status, body } = await post('{"events":["a"]}');
    expect([status, body]).toEqual([201, { url: expect.stringMatching(/^\/v1\/stream\/[\w-]{22}$/) }]);
  });

  it('puts the path before it that a trusted proxy has put before the hub', async () => {
    const headers = { 'Content-Type': 'application/json', 'X-Forwarded-Prefix': '/apps/ring' };
    const { body } = await served.call('POST', '/v1/streams', { headers, body: '{"events":["a"]}' });
    expect(body).toEqual({ url: expect.stringMatching(/^\/apps\/ring\/v1\/stream\/[\w-]{22}$/) });
  });

  const events = Array.from({ length: 1_001 }, (_, index) => `e${index}`);
  it.each([
    [415, 'unsupported-media-type', { events: ['a'] }, 'text/plain'],
    [400, 'bad-request', { events: [] }, undefined],
    [400, 'bad-eventguid', { events: [''] }, undefined],
    [413, 'cookie-too-large', { events: [{ eventguid: 'a', cookie: 'x'.repeat(5_000) }] }, undefined],
    [429, 'too-many-subscriptions', { events }, undefined],
  ])('refuses with %i %s', async (status, code, body, type) => {
    expect(await post(JSON.stringify(body), type)).toMatchObject(problem(status, code));
  });
});
