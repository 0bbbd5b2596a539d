import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { CLOSE_REASONS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter } from '@ringback/gateway-kit';
import { EventPublisher } from './event-publisher.js';
import type { FubuConnection } from './fubu.connection.js';
import { FubuGateway } from './fubu.gateway.js';
import { FubuMount } from './fubu.mount.js';
import { DEFAULT_OPTIONS, FUBU_OPTIONS, GATEWAY, type FubuOptions } from './fubu.options.js';
import { PublishHandler } from './publish.handler.js';
import type { Topic, TopicClass } from './topic.js';
import { TopicRegistry } from './topic-registry.js';
import type { TopicDefinition } from './topic.definition.js';

export interface FubuModuleOptions extends Partial<FubuOptions> {
  /** Classes, which are made as providers of the module, or definitions alone. */
  readonly topics?: readonly (TopicClass | TopicDefinition)[];
  /** Modules whose providers the classes of topics need. */
  readonly imports?: DynamicModule['imports'];
}

/** Topics as FubuMVC has them. Expects the global `RingbackModule`. */
@Module({})
export class FubuGatewayModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(FubuMount) private readonly mount: FubuMount,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<FubuConnection>,
  ) {}

  static forRoot({ topics = [], imports = [], ...options }: FubuModuleOptions = {}): DynamicModule {
    const complete = { ...DEFAULT_OPTIONS, ...options };
    const classes = topics.filter(isClass);
    return {
      module: FubuGatewayModule,
      imports,
      providers: [
        ...classes,
        { provide: FUBU_OPTIONS, useValue: complete },
        { provide: ConnectionRegistry, inject: [Hub, HttpRouter], useFactory: makeClients },
        { provide: TopicRegistry, inject: [Hub, ...classes], useFactory: registryOf(topics, complete) },
        FubuGateway,
        FubuMount,
        PublishHandler,
        EventPublisher,
      ],
      exports: [EventPublisher, ...classes],
    };
  }

  onModuleInit(): void {
    this.router.mount(this.mount);
  }

  /** Those that the hub has not closed in its drain, before their server does without a word. */
  beforeApplicationShutdown(): void {
    this.clients.closeAll(CLOSE_REASONS.draining);
  }
}

function makeClients(hub: Hub, { access }: HttpRouter): ConnectionRegistry<FubuConnection> {
  return new ConnectionRegistry<FubuConnection>(hub, GATEWAY, access);
}

/** Nest hands over the objects of the classes in their order. */
function registryOf(topics: readonly (TopicClass | TopicDefinition)[], { writer }: FubuOptions) {
  return (hub: Hub, ...objects: readonly Topic[]): TopicRegistry => {
    const left = objects.values();
    const registered = topics.map((one) =>
      isClass(one) ? { class: one, topic: left.next().value as Topic } : one,
    );
    return new TopicRegistry(registered, { writer, reportError: (error) => hub.failed(error) });
  };
}

function isClass(topic: TopicClass | TopicDefinition): topic is TopicClass {
  return typeof topic === 'function';
}
