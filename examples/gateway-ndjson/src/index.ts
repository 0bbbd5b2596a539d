import { Module, type DynamicModule } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { defineProtocol } from '@ringback/gateway-kit';
import { wholeNumber } from '@ringback/settings';
import { NdjsonGateway } from './ndjson.gateway.js';

export { NdjsonGateway } from './ndjson.gateway.js';

/** Serves the protocol from the moment in which the node has joined the cluster. */
@Module({})
export class NdjsonGatewayModule {
  static forRoot(port: number): DynamicModule {
    const useFactory = (hub: Hub): NdjsonGateway => {
      const gateway = new NdjsonGateway(hub, port);
      hub.addService(gateway);
      return gateway;
    };
    const gateway = { provide: NdjsonGateway, inject: [Hub], useFactory };
    return { module: NdjsonGatewayModule, providers: [gateway], exports: [gateway] };
  }
}

/** The line for the list of protocols. */
export const ndjson = defineProtocol({
  name: 'ndjson',
  settings: {
    RINGBACK_NDJSON_PORT: wholeNumber(8_090, 'Port of the NDJSON gateway; 0 takes a free one.', {
      min: 0,
      max: 65_535,
    }),
  },
  reservedPaths: () => [],
  module: ({ RINGBACK_NDJSON_PORT }) => NdjsonGatewayModule.forRoot(RINGBACK_NDJSON_PORT),
});
