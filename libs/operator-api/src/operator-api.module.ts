import { Module } from '@nestjs/common';
import { ConnectionsController } from './connections.controller.js';
import { EventsController } from './events.controller.js';
import { NodesController } from './nodes.controller.js';
import { SessionsController } from './sessions.controller.js';

/** What operators see and do over HTTP. Expects `Hub` from a global module. */
@Module({ controllers: [EventsController, NodesController, ConnectionsController, SessionsController] })
export class OperatorApiModule {}
