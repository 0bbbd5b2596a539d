import {
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type ModuleMetadata,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { RecordingLog, type MemoryCluster } from '@ringback/memory';
import type { ClusterPorts } from '../cluster-ports.js';
import { RingbackModule } from '../ringback.module.js';
import { RingbackNode } from '../ringback-node.js';
import type { RingbackModuleOptions } from '../ringback.options.js';
import { CLUSTER_PORTS, LOG } from '../tokens.js';

/** An application that stops at once, and the parts of it that specs look into. */
export interface TestApplication {
  readonly app: NestFastifyApplication;
  readonly log: RecordingLog;
}

/** An application with a node and nothing else, beside `metadata`; it does not listen yet. */
export async function createApplication(
  options: RingbackModuleOptions = {},
  metadata: ModuleMetadata = {},
): Promise<TestApplication> {
  const log = new RecordingLog();
  const app = await NestFactory.create<NestFastifyApplication>(
    applicationModule(log, options, metadata),
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  return { app, log };
}

/** The same without HTTP. */
export function createApplicationContext(): Promise<INestApplicationContext> {
  const module = applicationModule(new RecordingLog(), {}, {});
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

/** The same once it has joined its cluster. */
export async function startApplication(
  options?: RingbackModuleOptions,
  metadata?: ModuleMetadata,
): Promise<TestApplication> {
  const application = await createApplication(options, metadata);
  await application.app.listen(0, '127.0.0.1');
  await application.app.get(RingbackNode).ready();
  return application;
}

@Module({})
class ApplicationModule {}

function applicationModule(
  log: RecordingLog,
  { providers = [], ...options }: RingbackModuleOptions,
  { imports = [], ...metadata }: ModuleMetadata,
): DynamicModule {
  const node = RingbackModule.forRoot({
    shutdownDelayMs: 0,
    drainMs: 0,
    ...options,
    providers: [{ provide: LOG, useValue: log }, ...providers],
  });
  return { module: ApplicationModule, ...metadata, imports: [node, ...imports] };
}

/** The ports of a node of the cluster, for an application that provides its own. */
export function portsOf(cluster: MemoryCluster, ports: Partial<ClusterPorts> = {}) {
  const useValue: ClusterPorts = {
    ...cluster.node(),
    healthy: () => true,
    close: () => Promise.resolve(),
    ...ports,
  };
  return { provide: CLUSTER_PORTS, useValue };
}
