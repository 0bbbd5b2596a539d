import { describe, expect, it } from '@jest/globals';
import { definitionOf, parseDefinition, parsePreparedRequest } from './prepared-request.js';

const MAX = 3;

function parse(body: unknown, type = 'application/json') {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return parsePreparedRequest({ headers: { 'content-type': type }, query: {}, body: bytes }, MAX);
}

describe('parsePreparedRequest', () => {
  it('reads events with and without a cookie, the last of which counts', () => {
    const events = [
      'a',
      { eventguid: 'b', cookie: '1' },
      { eventguid: 'c' },
      { eventguid: 'b', cookie: '2' },
    ];
    expect(parse({ events })).toEqual({
      cookies: new Map([
        ['a', ''],
        ['b', '2'],
        ['c', ''],
      ]),
      format: 'plain',
      presence: false,
      subscriberId: undefined,
    });
  });

  it('reads what else there is to a stream, and says it again', () => {
    const definition = parse({ events: ['a'], format: 'envelope', presence: true, subscriberId: 'w' });
    expect(definition).toMatchObject({ format: 'envelope', presence: true, subscriberId: 'w' });
    expect(parseDefinition(JSON.parse(JSON.stringify(definitionOf(definition))), MAX)).toEqual(definition);
  });

  it.each([
    ['unsupported-media-type', { events: ['a'] }, 'text/plain'],
    ['bad-request', '', undefined],
    ['bad-request', '[]', undefined],
    ['bad-request', '{', undefined],
    ['bad-request', {}, undefined],
    ['bad-request', { events: [] }, undefined],
    ['bad-request', { events: 'a' }, undefined],
    ['bad-request', { events: [['a']] }, undefined],
    ['bad-eventguid', { events: [null] }, undefined],
    ['bad-request', { events: [{ eventguid: 'a', cookie: 1 }] }, undefined],
    ['bad-request', { events: [{ eventguid: 'a', after: 'e:1' }] }, undefined],
    ['bad-request', { events: ['a'], format: 'xml' }, undefined],
    ['bad-request', { events: ['a'], format: 1 }, undefined],
    ['bad-request', { events: ['a'], presence: 'true' }, undefined],
    ['bad-request', { events: ['a'], subscriberId: '' }, undefined],
    ['bad-request', { events: ['a'], access_token: 't' }, undefined],
    ['bad-eventguid', { events: ['a\n'] }, undefined],
    ['bad-eventguid', { events: [{}] }, undefined],
    ['too-many-subscriptions', { events: ['a', 'b', 'c', 'd'] }, undefined],
  ])('refuses with %s: %j', (code, body, type) => {
    expect(() => parse(body, type)).toThrow(expect.objectContaining({ code }));
  });
});
