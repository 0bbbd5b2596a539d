import { Module } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { Authenticator, ErrorPageModule } from '@ringback/http-kit';
import { ConnectionsController } from './connections.controller.js';
import { EventsController } from './events.controller.js';
import { NamedInQueryController } from './named-in-query.controller.js';
import { NodesController } from './nodes.controller.js';
import { OperatorActs } from './operator-acts.js';
import { SessionsController } from './sessions.controller.js';

/** What operators see and do over HTTP. Expects `Hub` and `AccessLog` from a global module, and `configureHttp` of http-kit to be called on the application. */
@Module({
  imports: [ErrorPageModule],
  controllers: [
    EventsController,
    NodesController,
    ConnectionsController,
    SessionsController,
    NamedInQueryController,
  ],
  providers: [OperatorActs, { provide: Authenticator, useExisting: Hub }],
})
export class OperatorApiModule {}
