import { Module, type DynamicModule } from '@nestjs/common';
import { PlatformModule } from '@ringback/platform';
import { DocsPageModule, ErrorPageModule } from '@ringback/http-kit';
import { AGENT_PARTS, type AgentParts } from './agent-parts.js';
import { SubscriptionsController } from './http/subscriptions.controller.js';
import { TicketsController } from './http/tickets.controller.js';

/** What an agent shows over HTTP. */
@Module({})
export class AgentModule {
  static forRoot(parts: AgentParts): DynamicModule {
    return {
      module: AgentModule,
      imports: [PlatformModule.forRoot(parts), ErrorPageModule, DocsPageModule],
      controllers: [TicketsController, SubscriptionsController],
      providers: [{ provide: AGENT_PARTS, useValue: parts }],
    };
  }
}
