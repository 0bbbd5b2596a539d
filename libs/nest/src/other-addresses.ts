import type { HttpAdapterHost } from '@nestjs/core';
import type { AddressInfo, Server } from 'node:net';

/** An adapter that may listen on several addresses: Fastify's. */
interface ListeningInstance {
  addresses?(): AddressInfo[];
}

/**
 * Where the application listens without serving the protocols: for each further address of `localhost` Fastify opens a server of its own, whose requests it
 * keeps to itself. To be called once the application listens.
 */
export function findOtherAddresses({ httpAdapter }: HttpAdapterHost): readonly AddressInfo[] {
  const instance = httpAdapter.getInstance<ListeningInstance | undefined>();
  const { address } = (httpAdapter.getHttpServer() as Server).address() as AddressInfo;
  return instance?.addresses?.().filter((other) => other.address !== address) ?? [];
}
