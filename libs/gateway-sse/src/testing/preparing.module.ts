import { Module } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { Authenticator, TrustedProxies } from '@ringback/http-kit';
import { IdleRecords } from '../idle-records.js';
import { PreparedStreams } from '../prepared-streams.js';
import { DEFAULT_OPTIONS } from '../sse.options.js';
import { StreamsController } from '../streams.controller.js';

const prepared = {
  provide: PreparedStreams,
  inject: [Hub],
  useFactory: ({ records, limits }: Hub) =>
    new PreparedStreams(records, limits, new IdleRecords(DEFAULT_OPTIONS.maxPreparedBytes), DEFAULT_OPTIONS),
};

/** What of the gateway the framework serves, without its streams. For specs. */
@Module({
  controllers: [StreamsController],
  providers: [
    prepared,
    { provide: TrustedProxies, useValue: new TrustedProxies(['loopback']) },
    { provide: Authenticator, useExisting: Hub },
  ],
})
export class PreparingModule {}
