import { Module } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { Authenticator, ErrorPageModule } from '@ringback/http-kit';
import { TriggerController } from './trigger.controller.js';

/** The HTTP gateway. Expects `Hub` from a global module, and `configureHttp` of http-kit to be called on the application. */
@Module({
  imports: [ErrorPageModule],
  controllers: [TriggerController],
  providers: [{ provide: Authenticator, useExisting: Hub }],
})
export class HttpGatewayModule {}
