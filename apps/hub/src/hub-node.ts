import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Hub, type Log } from '@ringback/core';
import { AccessLog, configureHttp, httpAdapterOptions, OriginPolicy } from '@ringback/http-kit';
import { httpAddress, openClusterPorts, RingbackNode } from '@ringback/nest';
import type { Tracing } from '@ringback/opentelemetry';
import { assertAccessControl, listen, maxOpenFiles, NestLog, within } from '@ringback/platform';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.js';
import { warnOfFileLimit } from './file-limit.js';
import { HUB_API } from './hub-api.js';
import { HubModule } from './hub.module.js';

/** For what the node does after its drain, and for links that are cut then. */
const CLOSE_MS = 10_000;
/** For the last spans to leave. */
const EXPORT_MS = 3_000;

/** A node that runs: everything between a configuration and a socket that listens. */
export class HubNode {
  readonly hub: Hub;

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly config: Config,
    private readonly log: Log,
    /** Where it listens. */
    readonly url: string,
    private readonly tracing: Tracing | undefined,
  ) {
    this.hub = app.get(Hub);
  }

  /** Resolves when clients can connect. Throws `StartupError` for what the operator can mend. What was opened is closed again. */
  static async start(config: Config, log: Log, tracing?: Tracing): Promise<HubNode> {
    const { accessTokens, anonymous, jwt } = config;
    const hasTokens = [accessTokens, anonymous, jwt].some((one) => one !== undefined);
    await assertAccessControl({ ...config, variable: 'RINGBACK_ACCESS_TOKENS', hasTokens }, log);
    const app = await createApplication(config, log, tracing);
    try {
      const [origins, access] = [app.get(OriginPolicy), app.get(AccessLog)];
      configureHttp(app, app.get(Hub), { origins, access, description: HUB_API });
      for (const { definition, values } of config.protocols) definition.configure?.(app, values);
      await app.init();
      await listen(app, config);
      await app.get(RingbackNode).ready();
    } catch (error) {
      await app.close();
      throw error;
    }
    const { port } = app.getHttpServer().address() as AddressInfo;
    const url = httpAddress(config.host, port);
    warnOfFileLimit(app.get(Hub).limits, log, maxOpenFiles());
    log.info('listening', { url, cluster: config.node.redis ? 'redis' : 'memory' });
    return new HubNode(app, config, log, url, tracing);
  }

  /** Drains and closes everything. `hasten` cuts the drain short. */
  async stop(hasten: Promise<void>): Promise<void> {
    const { drainMs = 0, shutdownDelayMs = 0 } = this.config.node;
    const node = this.app.get(RingbackNode);
    hasten.then(() => node.cutDrainShort()).catch(() => node.cutDrainShort());
    const limitMs = shutdownDelayMs + drainMs + CLOSE_MS;
    const onFailure = (error: unknown): void => this.log.warn('close failed', { error });
    const closed = await within(limitMs, undefined, this.app.close(), onFailure);
    if (!closed) this.log.warn('connections cut', { closeMs: limitMs });
    if (this.tracing) await within(EXPORT_MS, undefined, this.tracing.close(), onFailure);
  }
}

/** The application with its ports, not initialised. Closes the ports if Nest cannot make it. */
async function createApplication(
  config: Config,
  log: Log,
  tracing: Tracing | undefined,
): Promise<NestFastifyApplication> {
  const ports = await openClusterPorts(config.node, log);
  try {
    return await NestFactory.create<NestFastifyApplication>(
      HubModule.forRoot(config, { log, ports, tracer: tracing?.tracer ?? null }),
      new FastifyAdapter(httpAdapterOptions()),
      { logger: new NestLog(log), abortOnError: false },
    );
  } catch (error) {
    await ports.close();
    throw error;
  }
}
