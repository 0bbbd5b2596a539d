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

  it('reads sentinels, the name of their master, and the credentials and database of it', () => {
    expect(parseRedisUrl('redis+sentinel://me:p%40ss@a:1,b,[::1]:2/my%20master/3')).toEqual({
      servers: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26_379 },
        { host: '::1', port: 2 },
      ],
      sentinel: { name: 'my master' },
      options: { username: 'me', password: 'p@ss', db: 3 },
    });
  });

  it('reads the credentials of the sentinels, and TLS', () => {
    const text = 'rediss+sentinel://:pw@a/m?sentinel_username=s&sentinel_password=p%26w';
    expect(parseRedisUrl(text)).toEqual({
      servers: [{ host: 'a', port: 26_379 }],
      sentinel: { name: 'm', username: 's', password: 'p&w' },
      options: { password: 'pw', tls: {} },
    });
  });

  it.each([
    '',
    'localhost:6379',
    'http://host',
    'redis://a,',
    'redis://a/x',
    'redis://a/1,redis://b',
    'redis://:s3#cret@a',
    'redis://:s3/cret@a',
    'redis://:12?3@a',
    'redis://u:12?3@a',
    'redis://u:12/3@a',
    'redis://:s3%cret@a',
    'redis+sentinel://a',
    'redis+sentinel://a/',
    'redis+sentinel://a,/m',
    'redis+sentinel://a/m/x',
    'redis+sentinel://a/m?sentinelPassword=s3cret',
    'redis+sentinel://:s3/cret@a/m',
    'redis+sentinel://:s3%cret@a/m',
    'redis+sentinel://a/m,redis://b',
  ])('refuses %j without repeating it', (text) => {
    expect(() => parseRedisUrl(text)).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => parseRedisUrl(text)).not.toThrow(/s3|cret/);
  });
});
