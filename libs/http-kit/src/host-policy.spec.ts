import { describe, expect, it } from '@jest/globals';
import { HostPolicy, type HostPolicyOptions } from './host-policy.js';

const LOCAL: HostPolicyOptions = { boundTo: () => '127.0.0.1', own: ['hub-host'] };
const OUTSIDE: HostPolicyOptions = { boundTo: () => '0.0.0.0' };

describe('HostPolicy', () => {
  it.each<[string, HostPolicyOptions, string | undefined, boolean]>([
    ['on loopback', LOCAL, 'localhost:8080', true],
    ['on loopback', LOCAL, 'LOCALHOST', true],
    ['on loopback', LOCAL, 'app.localhost:1', true],
    ['on loopback', LOCAL, '127.0.0.1:8080', true],
    ['on loopback', LOCAL, '127.1.2.3', true],
    ['on loopback', LOCAL, '[::1]:8080', true],
    ['on loopback', LOCAL, 'hub-host:8080', true],
    ['on loopback', LOCAL, undefined, true],
    ['on loopback', LOCAL, 'evil.example', false],
    ['on loopback', LOCAL, 'evil.example:8080', false],
    ['on loopback', LOCAL, 'localhost.evil.example', false],
    ['on loopback', LOCAL, '127.0.0.1.evil.example', false],
    ['on ::1', { boundTo: () => '::1' }, 'evil.example', false],
    ['on loopback with all allowed', { ...LOCAL, allowed: '*' }, 'evil.example', true],
    ['on loopback with one allowed', { ...LOCAL, allowed: ['hub.example'] }, 'hub.example', true],
    ['outside', OUTSIDE, 'evil.example', true],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['Hub.example'] }, 'hub.example:443', true],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['hub.example'] }, 'hub.example.', true],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['hub.example'] }, 'evil.example', false],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['hub.example'] }, '10.0.0.7', false],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['*.hub.example'] }, 'a.b.hub.example', true],
    ['outside with some allowed', { ...OUTSIDE, allowed: ['*.hub.example'] }, 'evilhub.example', false],
    ['outside with an address allowed', { ...OUTSIDE, allowed: ['[fd00::1]'] }, '[fd00::1]:80', true],
    ['of an unbound server', {}, 'evil.example', true],
  ])('%s (%j) lets in %s: %s', (_, options, host, isAllowed) => {
    const refusal = new HostPolicy(options).refusal(host, '/v1/nodes');
    expect(refusal?.code).toBe(isAllowed ? undefined : 'misdirected-request');
  });

  it.each(['/health/live', '/health/ready', '/metrics'])('exempts %s', (path) => {
    expect(new HostPolicy(LOCAL).refusal('10.0.0.7:8080', path)).toBeUndefined();
  });

  it('does not exempt what only begins like them', () => {
    expect(new HostPolicy(LOCAL).refusal('evil.example', '/healthy')?.code).toBe('misdirected-request');
  });
});
