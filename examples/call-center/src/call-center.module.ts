import { Module } from '@nestjs/common';
import { FubuGatewayModule, topicHistory } from '@ringback/gateway-fubu';
import { RingbackModule, type RingbackOptions } from '@ringback/nest';
import { CallsController } from './calls.controller.js';
import { CallsTopic } from './calls.topic.js';
import { Roster } from './roster.js';

@Module({ providers: [Roster], exports: [Roster] })
class RosterModule {}

/** From the environment of this example. */
function hubOptions(): RingbackOptions {
  const { REDIS_URL: url } = process.env;
  return {
    shutdownDelayMs: 0,
    drainMs: 0,
    history: { overrides: topicHistory([CallsTopic]) },
    ...(url !== undefined && { redis: { url } }),
  };
}

/** Telephones tell it what happens, and every dashboard shows it. */
@Module({
  imports: [
    RingbackModule.forRootAsync({ useFactory: hubOptions }),
    FubuGatewayModule.forRoot({ topics: [CallsTopic], imports: [RosterModule] }),
  ],
  controllers: [CallsController],
})
export class CallCenterModule {}
