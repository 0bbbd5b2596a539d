import { describe, expect, it } from '@jest/globals';
import { StartupError } from '@ringback/settings';
import type { Server } from 'node:http';
import type { NetworkInterfaceInfo } from 'node:os';
import { findNodeAddress, httpAddress } from './node-address.js';

const bound = (address: string | null) =>
  ({ address: () => (address === null ? null : { address, port: 8080 }) }) as unknown as Server;

const entry = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

const LOOPBACK = { lo: [entry('127.0.0.1', true), entry('::1', true)] };
const IPV6_ONLY = { ...LOOPBACK, eth0: [entry('fe80::1'), entry('2001:db8::7')] };
const BOTH = { ...LOOPBACK, eth0: [entry('2001:db8::7'), entry('169.254.1.1'), entry('10.0.0.7')] };

describe('findNodeAddress', () => {
  it.each([
    ['127.0.0.1', BOTH, 'http://127.0.0.1:8080'],
    ['::1', BOTH, 'http://[::1]:8080'],
    ['0.0.0.0', BOTH, 'http://10.0.0.7:8080'],
    ['::', BOTH, 'http://10.0.0.7:8080'],
    ['::', IPV6_ONLY, 'http://[2001:db8::7]:8080'],
  ])('of a server on %s is one that others reach', (address, interfaces, expected) => {
    const options = { isShared: true, interfaces: () => interfaces };
    expect(findNodeAddress(bound(address), options)).toBe(expected);
  });

  it.each([
    ['0.0.0.0', LOOPBACK],
    ['::', LOOPBACK],
    ['::', { ...LOOPBACK, eth0: [entry('fe80::1')] }],
    ['0.0.0.0', IPV6_ONLY],
  ])('asks for an address rather than announce loopback, on %s', (address, interfaces) => {
    const find = () => findNodeAddress(bound(address), { isShared: true, interfaces: () => interfaces });
    expect(find).toThrow(StartupError);
    expect(find).toThrow('set RINGBACK_NODE_ADDRESS to http://host:port');
  });

  it('is loopback for a node by itself that has nothing else', () => {
    const options = { isShared: false, interfaces: () => LOOPBACK };
    expect(findNodeAddress(bound('0.0.0.0'), options)).toBe('http://127.0.0.1:8080');
    expect(findNodeAddress(bound('::'), options)).toBe('http://[::1]:8080');
  });

  it('is as configured, wherever the server listens', () => {
    const options = { configured: 'http://hub-1', isShared: true };
    expect(findNodeAddress(bound(null), options)).toBe('http://hub-1');
    expect(findNodeAddress(undefined, { isShared: true })).toBe('');
    expect(() => findNodeAddress(bound(null), { isShared: true })).toThrow('does not listen');
  });
});

describe('httpAddress', () => {
  it('has brackets around IPv6', () => {
    expect(httpAddress('::1', 80)).toBe('http://[::1]:80');
  });
});
