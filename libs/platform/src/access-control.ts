import type { Log } from '@ringback/core';
import { flag, StartupError, type Defaulted } from '@ringback/settings';
import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';

/** Where a process listens, and whether it knows who comes. */
export interface AccessControl {
  readonly host: string;
  /** The variable that has the tokens. */
  readonly variable: string;
  /** Whether it is set. */
  readonly hasTokens: boolean;
  /** The value of `RINGBACK_ALLOW_ANONYMOUS`. */
  readonly allowAnonymous: boolean;
}

/** The setting `RINGBACK_ALLOW_ANONYMOUS` of a process whose tokens are in the variable. */
export function allowAnonymous(variable: string): Defaulted<boolean> {
  return flag(
    false,
    `Lets a process without \`${variable}\` listen on more than loopback, where everybody who reaches it may do everything; without it such a process refuses to start.`,
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Resolves if not everybody on the network may do everything, or if the operator wants it so, which is logged. Rejects with `StartupError` otherwise: a process
 * without access control that others reach is more often forgotten than meant.
 */
export async function assertAccessControl(
  { host, variable, hasTokens, allowAnonymous: isAllowed }: AccessControl,
  log: Log,
): Promise<void> {
  if (hasTokens || (await isLoopback(host))) return;
  if (!isAllowed) {
    throw new StartupError(
      `HOST=${host} lets others than this machine in, and ${variable} is not set: set it, or RINGBACK_ALLOW_ANONYMOUS=true if everybody may do everything.`,
    );
  }
  log.warn('everybody on the network may do everything: RINGBACK_ALLOW_ANONYMOUS is true', { host });
}

/** What cannot be resolved counts as loopback: it cannot be listened on, which says so by itself. */
async function isLoopback(host: string): Promise<boolean> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.every(({ address }) => LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
}
