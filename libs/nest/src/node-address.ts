import { StartupError } from '@ringback/settings';
import type { Server } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

export interface NodeAddressOptions {
  readonly configured?: string | undefined;
  /** Whether there are other nodes, which need the address. */
  readonly isShared: boolean;
  /** Default: those of the machine. */
  readonly interfaces?: () => Interfaces;
}

const ALL_ADDRESSES = new Set(['0.0.0.0', '::']);

/** Good on one link only, so not for another node. */
const LINK_LOCAL = /^(169\.254\.|fe[89ab])/i;

/**
 * How the other nodes reach this one: as configured, or where its server listens; empty for an application without HTTP, and for one that listens on a Unix
 * socket. Throws if the server does not listen yet, and `StartupError` if it listens on all addresses of a machine that has none for other machines.
 */
export function findNodeAddress(server: Server | undefined, options: NodeAddressOptions): string {
  if (options.configured !== undefined) return options.configured;
  if (!server) return '';
  const bound = server.address();
  if (bound === null)
    throw new Error('The node has no address: its HTTP server does not listen, and none is configured.');
  return typeof bound === 'string' ? '' : addressOf(bound, options);
}

/** With an IPv6 address in brackets. */
export function httpAddress(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function addressOf({ address, port }: AddressInfo, options: NodeAddressOptions): string {
  if (!ALL_ADDRESSES.has(address)) return httpAddress(address, port);
  const { isShared, interfaces = networkInterfaces } = options;
  const outside = firstOutsideAddress(interfaces(), isIPv6(address));
  if (outside !== undefined) return httpAddress(outside, port);
  if (!isShared) return httpAddress(isIPv6(address) ? '::1' : '127.0.0.1', port);
  throw new StartupError(
    'The node listens on all addresses, but its machine has none at which other nodes would reach it; set RINGBACK_NODE_ADDRESS to http://host:port.',
  );
}

/** IPv4 first: a server on all IPv6 addresses serves both. One on `0.0.0.0` does not serve IPv6. */
function firstOutsideAddress(interfaces: Interfaces, servesIPv6: boolean): string | undefined {
  const all = Object.values(interfaces).flatMap((entries) => entries ?? []);
  const outside = all.filter(({ address, internal }) => !internal && !LINK_LOCAL.test(address));
  const families = servesIPv6 ? ['IPv4', 'IPv6'] : ['IPv4'];
  const found = families.map((family) => outside.find((entry) => entry.family === family));
  return found.find((entry) => entry !== undefined)?.address;
}
