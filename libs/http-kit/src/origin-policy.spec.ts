import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { HostPolicy } from './host-policy.js';
import { OriginPolicy } from './origin-policy.js';
import { TrustedProxies } from './trusted-proxies.js';

const PROXY = '10.0.0.1';

function requestOf(headers: IncomingMessage['headers'], remoteAddress = '203.0.113.7', method = 'POST') {
  return { method, url: '/x', headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

describe('OriginPolicy', () => {
  const proxies = new TrustedProxies([PROXY]);
  const forwarded = { host: 'hub:8080', 'x-forwarded-host': 'hub.example', 'x-forwarded-proto': 'https' };

  it.each([
    ['the public origin', { origin: 'https://hub.example', ...forwarded }, PROXY, undefined],
    [
      'that with its port',
      { origin: 'https://hub.example', ...forwarded, 'x-forwarded-host': 'hub.example:443' },
      PROXY,
      undefined,
    ],
    ['another scheme', { origin: 'http://hub.example', ...forwarded }, PROXY, 'forbidden'],
    ['the inner host', { origin: 'http://hub:8080', ...forwarded }, PROXY, 'forbidden'],
    ['another peer', { origin: 'https://hub.example', ...forwarded }, '10.0.0.2', 'forbidden'],
  ])('takes for its own behind a trusted proxy: %s', (_, headers, peer, code) => {
    const refusal = new OriginPolicy(undefined, { proxies }).refusal(requestOf(headers, peer), 'request');
    expect(refusal?.code).toBe(code);
  });

  it('checks the host of every request, however safe its method', () => {
    const hosts = new HostPolicy({ allowed: ['hub.example'] });
    const policy = new OriginPolicy('*', { proxies, hosts });
    const get = requestOf({ host: 'evil.example' }, '203.0.113.7', 'GET');
    expect(policy.refusal(get, 'request')?.code).toBe('misdirected-request');
    expect(policy.refusal(get, 'upgrade')?.code).toBe('misdirected-request');
    expect(policy.refusal(requestOf(forwarded, PROXY), 'request')).toBeUndefined();
  });
});
