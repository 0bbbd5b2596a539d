import { describe, expect, it } from '@jest/globals';
import { parseStreamCaller, parseStreamRequest } from './stream-request.js';

/** Most events. */
const MAX = 100;

function parse(query: string, headers: Record<string, string> = {}) {
  return parseStreamRequest({ url: `/v1/stream?${query}`, headers }, MAX);
}

function refusal(query: string, headers: Record<string, string> = {}): unknown {
  try {
    return parse(query, headers);
  } catch (error) {
    return error;
  }
}

describe('parseStreamRequest', () => {
  it.each<[string, [string, string][]]>([
    ['event=a', [['a', '']]],
    ['event=a&cookie=', [['a', '']]],
    ['event=a&cookie=1', [['a', '1']]],
    [
      'event=a&cookie=1&event=b&event=c&cookie=3',
      [
        ['a', '1'],
        ['b', ''],
        ['c', '3'],
      ],
    ],
    ['event=a&format=plain&cookie=1', [['a', '1']]],
    ['event=a%26cookie%3D1&cookie=x%20y', [['a&cookie=1', 'x y']]],
    ['event=a+b&cookie=c%2Bd', [['a b', 'c+d']]],
    ['&&event=a&&', [['a', '']]],
    ['event=__proto__&cookie=constructor', [['__proto__', 'constructor']]],
    ['event=a&cookie=%F0%9F%94%94%0D%0Aid%3A%201%00', [['a', '🔔\r\nid: 1\0']]],
    ['event=a#&cookie=1', [['a', '']]],
  ])('reads %s as it was sent', (query, cookies) => {
    expect([...parse(query).cookies]).toEqual(cookies);
  });

  it('lets the last cookie of an event count', () => {
    expect([...parse('event=a&cookie=1&event=b&event=a&cookie=2').cookies]).toEqual([
      ['a', '2'],
      ['b', ''],
    ]);
  });

  it('has all else left out mean the least', () => {
    expect(parse('event=a')).toMatchObject({
      format: 'plain',
      presence: false,
      credentials: {},
      subscriberId: undefined,
      lastEventId: undefined,
    });
  });

  it('reads who asks, how, and where it has been', () => {
    const query = 'format=envelope&presence=true&subscriberId=w&access_token=t&event=a&lastEventId=0';
    expect(parse(query)).toMatchObject({
      format: 'envelope',
      presence: true,
      credentials: { token: 't' },
      subscriberId: 'w',
      lastEventId: '0',
    });
  });

  it('has headers count before the query, and the last of what a client appends', () => {
    const query = 'event=a&access_token=t&lastEventId=1&lastEventId=2';
    expect(parse(query).lastEventId).toBe('2');
    expect(parse(query, { 'last-event-id': '3', authorization: 'Bearer h' })).toMatchObject({
      credentials: { token: 'h' },
      lastEventId: '3',
    });
    expect(parse('event=a', { 'last-event-id': '' }).lastEventId).toBeUndefined();
  });

  const tooMany = Array.from({ length: MAX + 1 }, (_, index) => `event=${index}`).join('&');
  it.each([
    ['bad-request', ''],
    ['bad-request', 'cookie=1&event=a'],
    ['bad-request', 'event=a&cookie=1&cookie=2'],
    ['bad-request', 'event=a&after=e:1'],
    ['bad-request', 'event=a&Event=b'],
    ['bad-request', 'event=a&format=xml'],
    ['bad-request', 'event=a&format=plain&format=plain'],
    ['bad-request', 'event=a&presence=yes'],
    ['bad-request', 'event=%'],
    ['bad-request', 'event=%FF'],
    ['bad-request', 'event=%ED%A0%80'],
    ['bad-request', 'event=\u00e9'],
    ['too-many-subscriptions', tooMany],
    ['bad-eventguid', 'event'],
    ['bad-eventguid', 'event=&cookie=1'],
    ['bad-eventguid', 'event=a%0Aid:%201'],
  ])('refuses with %s: %s', (code, query) => {
    expect(refusal(query)).toMatchObject({ code });
  });

  it('says how many events there may be', () => {
    expect(refusal(tooMany)).toMatchObject({ message: 'A stream may have 100 events.' });
    const many = Array.from({ length: 1_000 }, (_, index) => `event=${index % MAX}`).join('&');
    expect(parse(many).cookies.size).toBe(MAX);
  });

  it('takes of a stream that was prepared only who asks, and where it has been', () => {
    const parseCaller = (query: string) => parseStreamCaller({ url: `/v1/stream/id?${query}`, headers: {} });
    expect(parseCaller('lastEventId=1&access_token=t')).toEqual({
      credentials: { token: 't' },
      lastEventId: '1',
    });
    for (const query of ['event=a', 'cookie=a', 'format=plain', 'subscriberId=a', 'presence=true', 'x=1'])
      expect(() => parseCaller(query)).toThrow(expect.objectContaining({ code: 'bad-request' }));
  });

  it('refuses another scheme than Bearer', () => {
    expect(refusal('event=a', { authorization: 'Basic x' })).toMatchObject({ code: 'unauthorized' });
  });
});
