import type { AddressedRequest } from '@ringback/http-kit';
import { BlockList, isIPv6 } from 'node:net';

/**
 * The address of the client; `undefined` where it is not known: many clients share the peer, which is a proxy or on a network of its own. Of an IPv6
 * address its network of 64 bits.
 */
export type ClientAddress = (request: AddressedRequest) => string | undefined;

const SHARED = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  SHARED.addSubnet(network, prefix);
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  SHARED.addSubnet(network, prefix, 'ipv6');

/** The peer, if its address is a public one. */
export const publicPeerAddress: ClientAddress = ({ socket: { remoteAddress } }) => {
  if (remoteAddress === undefined) return undefined;
  const isVersion6 = isIPv6(remoteAddress);
  if (SHARED.check(remoteAddress, isVersion6 ? 'ipv6' : 'ipv4')) return undefined;
  return isVersion6 && !remoteAddress.includes('.') ? networkOf(remoteAddress) : remoteAddress;
};

/** The first 64 bits: what one customer has. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
