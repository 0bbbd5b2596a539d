import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

describe('parseRedisUrl', () => {
  it('reads a single server', () => {
    expect(parseRedisUrl('redis://cache')).toEqual({ servers: [{ host: 'cache', port: 6379 }], options: {} });
  });

  it('reads credentials, database and TLS', () => {
    expect(parseRedisUrl('rediss://me:p%40ss@[::1]:7000/2')).toEqual({
      servers: [{ host: '::1', port: 7000 }],
      options: { username: 'me', password: 'p@ss', db: 2, tls: {} },
    });
  });

  it('reads a comma list as a cluster with the credentials of the first', () => {
    expect(parseRedisUrl('redis://:secret@a:1, redis://b:2')).toEqual({
      servers: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      options: { password: 'secret' },
    });
  });

  it.each(['', 'localhost:6379', 'http://host', 'redis://a,', 'redis://a/x', 'redis://a/1,redis://b'])(
    'refuses %j without repeating it',
    (text) => {
      expect(() => parseRedisUrl(text)).toThrow(expect.objectContaining({ code: 'internal' }));
    },
  );
});
