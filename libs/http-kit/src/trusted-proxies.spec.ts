import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { TrustedProxies } from './trusted-proxies.js';

function requestFrom(remoteAddress: string | undefined, headers: IncomingMessage['headers'] = {}) {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('TrustedProxies', () => {
  it.each([
    ['127.0.0.1', 'loopback', true],
    ['127.8.0.1', 'loopback', true],
    ['::1', 'loopback', true],
    ['::ffff:127.0.0.1', 'loopback', true],
    ['10.0.0.1', 'loopback', false],
    ['10.9.8.7', 'private', true],
    ['172.31.0.1', 'private', true],
    ['192.168.1.1', 'private', true],
    ['fd00::1', 'private', true],
    ['172.32.0.1', 'private', false],
    ['127.0.0.1', 'private', false],
    ['203.0.113.7', '203.0.113.0/24', true],
    ['203.0.114.7', '203.0.113.0/24', false],
    ['2001:db8::7', '2001:db8::/32', true],
    ['203.0.113.7', '203.0.113.7', true],
    [undefined, 'loopback', false],
  ])('believes %s with %s: %s', (peer, entry, isTrusted) => {
    const request = requestFrom(peer, { host: 'internal:8080', 'x-forwarded-host': 'hub.example' });
    const host = new TrustedProxies([entry]).publicHost(request);
    expect(host).toBe(isTrusted ? 'hub.example' : 'internal:8080');
  });

  it.each(['', 'proxy', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '10.0.0.0/', '::1/129', '1.2.3.4:80'])(
    'refuses the entry %j',
    (entry) => {
      expect(() => new TrustedProxies([entry])).toThrow(RangeError);
    },
  );

  it.each<[forwarded: string | undefined, peer: string, client: string, own: string | undefined]>([
    [undefined, '10.0.0.1', '10.0.0.1', undefined],
    ['203.0.113.7', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['192.168.1.7', '10.0.0.1', '192.168.1.7', '192.168.1.7'],
    ['198.51.100.1, 203.0.113.7', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, 10.0.0.2', '::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:50312', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['[2001:db8::7]:50312', '10.0.0.1', '2001:db8::7', '2001:db8::7'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.1', '10.0.0.3', undefined],
    ['203.0.113.7, unknown', '10.0.0.1', '10.0.0.1', undefined],
    ['203.0.113.7', '198.51.100.9', '198.51.100.9', '198.51.100.9'],
    ['203.0.113.7', '127.0.0.1', '127.0.0.1', undefined],
  ])('finds behind X-Forwarded-For %j of %s the client %s', (forwarded, peer, client, own) => {
    const proxies = new TrustedProxies(['10.0.0.0/8']);
    const request = requestFrom(peer, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded });
    expect([proxies.clientAddress(request), proxies.ownClientAddress(request)]).toEqual([client, own]);
  });

  it('knows no client once the peer has gone', () => {
    const proxies = new TrustedProxies();
    expect([
      proxies.clientAddress(requestFrom(undefined)),
      proxies.ownClientAddress(requestFrom(undefined)),
    ]).toEqual(['', undefined]);
  });

  it.each([
    ['/apps/ring', '/apps/ring'],
    ['/apps/ring/', '/apps/ring'],
    ['/', ''],
    ['apps', ''],
    ['/apps"><script>', ''],
    ['//evil.example', ''],
  ])('takes the prefix %s as %j', (header, prefix) => {
    const request = requestFrom('::1', { 'x-forwarded-prefix': header });
    expect(new TrustedProxies(['loopback']).publicPrefix(request)).toBe(prefix);
    expect(new TrustedProxies().publicPrefix(request)).toBe('');
  });

  it.each([
    ['https', 'https'],
    ['HTTPS', 'https'],
    ['https,http', 'https'],
    ['gopher', undefined],
  ])('takes the scheme %s as %s', (header, scheme) => {
    const request = requestFrom('::1', { 'x-forwarded-proto': header });
    expect(new TrustedProxies(['loopback']).publicScheme(request)).toBe(scheme);
    expect(new TrustedProxies().publicScheme(request)).toBeUndefined();
  });
});
