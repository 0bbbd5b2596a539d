import { BlockList, isIPv6 } from 'node:net';

const NEAR = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  NEAR.addSubnet(network, prefix, 'ipv4');
NEAR.addAddress('::1', 'ipv6');
NEAR.addSubnet('fc00::', 7, 'ipv6');

/** `localhost`, names without a dot, and those under domains that the public DNS does not have. */
const NEAR_NAME = /^[^.]+$|[.](localhost|local|internal|svc)$/;

/**
 * What is wrong with the URL of a key set; `undefined` if nothing is. Keys that come over plain http are those of whoever stands in between, so that is for
 * hosts of this machine or of a private network alone.
 */
export function faultOfKeySetUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'is no URL with https or http';
  if (url.username !== '' || url.password !== '') return 'has a user name or a password';
  if (url.protocol === 'http:' && !isNear(url.hostname)) return 'has http, and a host that is not private';
  return undefined;
}

function isNear(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (/^[\d.]+$/.test(address)) return NEAR.check(address, 'ipv4');
  return isIPv6(address) ? NEAR.check(address, 'ipv6') : NEAR_NAME.test(address);
}
