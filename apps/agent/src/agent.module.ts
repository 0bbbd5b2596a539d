import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { DocsPageModule, ErrorPageModule, Readiness } from '@ringback/http-kit';
import { METRICS_REGISTRY, PlatformModule } from '@ringback/platform';
import { AGENT_PARTS, type AgentParts } from './agent-parts.js';
import { SubscriptionsController } from './http/subscriptions.controller.js';
import { TicketsController } from './http/tickets.controller.js';

/** What an agent shows over HTTP. */
@Module({})
export class AgentModule {
  static forRoot(parts: AgentParts): DynamicModule {
    return {
      module: AgentModule,
      imports: [PlatformModule.forRoot(platformParts(parts)), ErrorPageModule, DocsPageModule],
      controllers: [TicketsController, SubscriptionsController],
      providers: [{ provide: AGENT_PARTS, useValue: parts }],
    };
  }
}

function platformParts({ readiness, metrics }: AgentParts): readonly Provider[] {
  return [
    { provide: Readiness, useValue: readiness },
    { provide: METRICS_REGISTRY, useValue: metrics.registry },
  ];
}
