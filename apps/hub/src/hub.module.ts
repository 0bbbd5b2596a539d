import { Inject, Module, type DynamicModule, type OnModuleInit, type Provider } from '@nestjs/common';
import { Hub, type Log, type Tracer } from '@ringback/core';
import { CLUSTER_PORTS, LOG, METRICS, RingbackModule, TRACER, type ClusterPorts } from '@ringback/nest';
import { ForwardedLinks, HttpRouter } from '@ringback/gateway-kit';
import { DocsPageModule } from '@ringback/http-kit';
import { OperatorApiModule } from '@ringback/operator-api';
import { METRICS_REGISTRY, PlatformModule, PromMetrics, readVersion } from '@ringback/platform';
import { BridgeAccessModule } from './bridge-access.js';
import type { Config } from './config.js';
import { accessProviders } from './hub-access.js';
import { PAGE_FILES, PageController, pageFilesOf } from './page.controller.js';

/** What was opened before the application. */
export interface NodeParts {
  readonly log: Log;
  readonly ports: ClusterPorts;
  readonly tracer: Tracer | null;
}

/** One node of the cluster: the hub, what operators see of it, and every protocol and bridge of the lists. */
@Module({})
export class HubModule implements OnModuleInit {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(METRICS) private readonly metrics: PromMetrics,
    @Inject(CLUSTER_PORTS) private readonly ports: ClusterPorts,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(ForwardedLinks) private readonly links: ForwardedLinks,
  ) {}

  static forRoot(config: Config, parts: NodeParts): DynamicModule {
    const { node, protocols, bridges } = config;
    return {
      module: HubModule,
      imports: [
        PlatformModule.forRoot(PLATFORM_PROVIDERS),
        BridgeAccessModule,
        RingbackModule.forRoot({
          ...node,
          version: readVersion(),
          providers: nodeProviders(parts, config),
        }),
        OperatorApiModule,
        DocsPageModule,
        ...protocols.map(({ definition, values }) => definition.module(values)),
        ...bridges.map(({ definition, values }) => definition.module(values)),
      ],
      controllers: [PageController],
      providers: [{ provide: PAGE_FILES, useFactory: () => pageFilesOf(protocols) }],
    };
  }

  onModuleInit(): void {
    this.metrics.readFigures(() => this.hub.figures());
    this.metrics.readPending(() => this.router.pendingConnections);
    this.metrics.readForwardedLinks(() => this.links.clients);
    const { nodeOutboxBytes } = this.hub.limits;
    if (nodeOutboxBytes !== undefined) this.metrics.setOutboxBudget(nodeOutboxBytes);
    this.metrics.readHealth(() => this.ports.healthy());
    if (this.ports.memoryUse) this.metrics.readMemory(this.ports.memoryUse);
    this.metrics.readDurableBytes(() => this.ports.durableBytes?.() ?? 0);
    this.metrics.readUnreadable(() => this.ports.unreadable?.() ?? 0);
  }
}

/** Where the platform's pages read from. */
const PLATFORM_PROVIDERS: readonly Provider[] = [
  { provide: METRICS_REGISTRY, inject: [METRICS], useFactory: ({ registry }: PromMetrics) => registry },
];

/** What this app puts in place of the parts that a node has by default. */
function nodeProviders({ log, ports, tracer }: NodeParts, config: Config): readonly Provider[] {
  return [
    { provide: LOG, useValue: log },
    { provide: METRICS, useClass: PromMetrics },
    { provide: TRACER, useValue: tracer },
    { provide: CLUSTER_PORTS, useValue: ports },
    ...accessProviders(log, config),
  ];
}
