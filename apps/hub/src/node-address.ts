import { networkInterfaces } from 'node:os';
import type { Config } from './config.js';

const ALL_ADDRESSES = new Set(['0.0.0.0', '::']);

/** How the other nodes reach this one: what is configured, or what can be told once the port is bound. */
export function findNodeAddress(config: Pick<Config, 'nodeAddress' | 'host'>, boundPort: number): string {
  const { nodeAddress, host } = config;
  if (nodeAddress !== undefined) return nodeAddress;
  return httpAddress(ALL_ADDRESSES.has(host) ? firstOutsideAddress() : host, boundPort);
}

export function httpAddress(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function firstOutsideAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outside?.address ?? '127.0.0.1';
}
