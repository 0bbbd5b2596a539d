import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SignalRBridges } from '@ringback/bridge-signalr';
import { Hub, type Log } from '@ringback/core';
import { listen, NestLog, OwnerForwarder, PromMetrics, Readiness, within } from '@ringback/platform';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configureHttp, httpAdapterOptions } from '@ringback/http-kit';
import type { ClusterPorts } from './cluster-ports.js';
import type { Config } from './config.js';
import { openPorts } from './core.module.js';
import { gatewayOwners } from './gateways.js';
import { HUB_API } from './hub-api.js';
import { HubModule } from './hub.module.js';
import { linksEnded } from './links.js';
import { findNodeAddress, httpAddress } from './node-address.js';

/** For what is stored to be removed after the last connection. */
const DRAIN_HEADROOM_MS = 5_000;
/** For the last words to leave, so that clients hear why. */
const FLUSH_MS = 1_000;
/** For what remains then: links that are open are cut. */
const CLOSE_MS = 3_000;

/** A node that runs: everything between a configuration and a socket that listens. */
export class HubNode {
  readonly hub: Hub;
  /** Where it listens. */
  url = '';

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly config: Config,
    private readonly ports: ClusterPorts,
    private readonly readiness: Readiness,
    private readonly forwarder: OwnerForwarder,
    private readonly log: Log,
  ) {
    this.hub = app.get(Hub);
  }

  /** Throws `StartupError` for what whoever starts it can mend. What was opened is closed again. */
  static async start(config: Config, log: Log): Promise<HubNode> {
    const ports = await openPorts(config, log);
    try {
      return await HubNode.build(config, ports, log);
    } catch (error) {
      await ports.close();
      throw error;
    }
  }

  private static async build(config: Config, ports: ClusterPorts, log: Log): Promise<HubNode> {
    const readiness = new Readiness(() => ports.healthy(), log);
    const metrics = new PromMetrics();
    metrics.readHealth(() => ports.healthy());
    const adapter = new FastifyAdapter(httpAdapterOptions());
    const server = (): Server => adapter.getHttpServer() as Server;
    const address = (): string => findNodeAddress(config, portOf(server()));
    const app = await NestFactory.create<NestFastifyApplication>(
      HubModule.forRoot({ config, ports, log, metrics, readiness, address }),
      adapter,
      { logger: new NestLog(log), abortOnError: false },
    );
    const forwarder = buildForwarder(config, ports, log);
    const node = new HubNode(app, config, ports, readiness, forwarder, log);
    try {
      await node.open(server());
    } catch (error) {
      await app.close();
      throw error;
    }
    return node;
  }

  /** Drains and closes everything. `hasten` cuts the drain short. */
  async stop(hasten: Promise<void>): Promise<void> {
    const { drainMs, drainNoticeMs } = this.config;
    this.readiness.draining();
    const mostMs = drainNoticeMs + drainMs + DRAIN_HEADROOM_MS;
    const drained = await within(mostMs, hasten, this.drain(hasten), this.unlessFailed('drain failed'));
    if (!drained) this.log.warn('drain cut short', { mostMs });
    this.forwarder.close();
    const closed = await within(CLOSE_MS, undefined, this.app.close(), this.unlessFailed('close failed'));
    if (!closed) this.log.warn('connections cut', { closeMs: CLOSE_MS });
    await this.ports.close();
  }

  /** Serves on until load balancers have noticed, then sends the clients away, a few at a time. */
  private async drain(hasten: Promise<void>): Promise<void> {
    const { drainMs, drainNoticeMs } = this.config;
    const never = new Promise<void>(() => undefined);
    await within(drainNoticeMs, hasten, never, this.unlessFailed('drain failed'));
    // Before the hub: another node takes them over at once.
    await this.bridges.close();
    await this.hub.drain(drainMs);
    await linksEnded(this.app.getHttpServer(), FLUSH_MS);
  }

  private async open(server: Server): Promise<void> {
    const { config } = this;
    configureHttp(this.app, this.hub, { corsOrigins: config.corsOrigins, description: HUB_API });
    await this.app.init();
    this.forwarder.install(server);
    await listen(this.app, config);
    this.url = httpAddress(config.host, portOf(server));
    await this.hub.start();
    this.bridges.start();
    this.readiness.started();
    this.log.info('listening', { url: this.url, cluster: config.redis ? 'redis' : 'memory' });
  }

  private get bridges(): SignalRBridges {
    return this.app.get(SignalRBridges, { strict: false });
  }

  private unlessFailed(message: string): (error: unknown) => void {
    return (error) => this.log.warn(message, { error });
  }
}

function buildForwarder(config: Config, ports: ClusterPorts, log: Log): OwnerForwarder {
  return new OwnerForwarder({
    nodeId: config.nodeId,
    ...gatewayOwners(config),
    addressOf: async (nodeId) => (await ports.leases.node(nodeId))?.address,
    log,
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
