import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { StartupError } from '@ringback/settings';
import { lookup } from 'node:dns/promises';

/**
 * Connections that may wait to be accepted; the kernel caps it (`net.core.somaxconn`). With Node's 511, ten thousand clients that come back
 * at once were mostly dropped and waited seconds for TCP to try again.
 */
const BACKLOG = 16_384;

/** Where a process listens: the settings HOST and PORT. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PROBLEMS: Readonly<Record<string, (address: ListenAddress) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `PORT=${port} is in use on ${host}; choose another, or stop what listens there.`,
  EACCES: ({ port }) => `PORT=${port} is not allowed for this user; choose one above 1023.`,
  EADDRNOTAVAIL: ({ host }) =>
    `HOST=${host} is not an address of this machine; choose one that is, or 0.0.0.0.`,
  EAFNOSUPPORT: ({ host }) =>
    `HOST=${host} needs IPv6, which this machine does not have; choose 0.0.0.0, or an address of IPv4.`,
  ENOTFOUND: ({ host }) => `HOST=${host} is a name that cannot be resolved; write an IP address.`,
  EAI_AGAIN: ({ host }) => `HOST=${host} is a name that cannot be resolved; write an IP address.`,
};

/** Binds the server. Throws `StartupError` if the address cannot be had. */
export async function listen(app: NestFastifyApplication, { host, port }: ListenAddress): Promise<void> {
  try {
    // For a name with two addresses Fastify would open a second server, which no gateway is attached to.
    const { address } = await lookup(host);
    await app.listen({ port, host: address, backlog: BACKLOG });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = PROBLEMS[code ?? ''];
    throw problem ? new StartupError(problem({ host, port }), { cause: error }) : error;
  }
}
