import { describe, expect, it } from '@jest/globals';
import { publicPeerAddress } from './client-address.js';

const addressOf = (remoteAddress: string | undefined): string | undefined =>
  publicPeerAddress({ socket: { remoteAddress }, headers: {} });

describe('publicPeerAddress', () => {
  it.each([
    ['93.184.216.34', '93.184.216.34'],
    ['172.32.0.1', '172.32.0.1'],
    ['::ffff:93.184.216.34', '::ffff:93.184.216.34'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ])('of %s is %s', (peer, address) => {
    expect(addressOf(peer)).toBe(address);
  });

  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.1.1',
    '::ffff:10.0.0.1',
    'fd00::1',
    'fe80::1',
    undefined,
  ])('is not known of %s, which many may share', (peer) => {
    expect(addressOf(peer)).toBeUndefined();
  });
});
