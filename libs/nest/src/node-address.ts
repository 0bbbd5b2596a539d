import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

const ALL_ADDRESSES = new Set(['0.0.0.0', '::']);

/**
 * How the other nodes reach this one: as configured, or where its server listens; empty for an application without HTTP, and for one that listens on a Unix
 * socket. Throws if the server does not listen yet.
 */
export function findNodeAddress(configured: string | undefined, server: Server | undefined): string {
  if (configured !== undefined) return configured;
  if (!server) return '';
  const bound = server.address();
  if (bound === null)
    throw new Error('The node has no address: its HTTP server does not listen, and none is configured.');
  return typeof bound === 'string' ? '' : addressOf(bound);
}

function addressOf({ address, port }: AddressInfo): string {
  return httpAddress(ALL_ADDRESSES.has(address) ? firstOutsideAddress() : address, port);
}

/** With an IPv6 address in brackets. */
export function httpAddress(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function firstOutsideAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}
