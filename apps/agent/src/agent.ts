import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Log } from '@ringback/core';
import { assertAccessControl, listen, NestLog, within } from '@ringback/platform';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { httpAdapterOptions, Readiness } from '@ringback/http-kit';
import { AgentMetrics } from './agent-metrics.js';
import { AgentModule } from './agent.module.js';
import { openStore, type AgentStore } from './agent-store.js';
import type { Config } from './configuration/config.js';
import { openHandlers } from './handlers/open-handlers.js';
import { TicketRunner } from './handlers/ticket-runner.js';
import { configureHttp } from './http/configure-http.js';
import { HubLine } from './sources/hub-line.js';
import { openSourceWith } from './sources/open-source.js';
import { SubscriptionDesk } from './sources/subscription-desk.js';
import { TicketIntake } from './sources/ticket-intake.js';

/** For requests under way. */
const CLOSE_MS = 3_000;

/** An agent that runs: everything between a configuration and tickets that are carried out. */
export class Agent {
  private constructor(
    /** Where it listens. */
    readonly url: string,
    private readonly config: Config,
    private readonly app: NestFastifyApplication,
    private readonly store: AgentStore,
    private readonly lines: readonly HubLine[],
    private readonly readiness: Readiness,
    private readonly log: Log,
  ) {}

  /** Throws `StartupError` for what the operator can mend. What was opened is closed again. */
  static async start(config: Config, log: Log): Promise<Agent> {
    const hasTokens = config.operatorToken !== undefined;
    await assertAccessControl({ ...config, variable: 'RINGBACK_AGENT_OPERATOR_TOKEN', hasTokens }, log);
    const handlers = await openHandlers(config.handlers);
    const store = await openStore(config, log);
    const metrics = new AgentMetrics();
    metrics.readTickets(() => store.queue.counts().catch(() => undefined)); // absent is how the metric says it
    try {
      const agent = await Agent.open(config, store, metrics, log);
      const runner = new TicketRunner(handlers, metrics, log);
      store.queue.start((ticket) => runner.run(ticket));
      for (const line of agent.lines) line.start();
      agent.readiness.started();
      log.info('listening', { url: agent.url, store: config.redis ? 'redis' : 'memory' });
      return agent;
    } catch (error) {
      await closeStore(store);
      throw error;
    }
  }

  private static async open(
    config: Config,
    store: AgentStore,
    metrics: AgentMetrics,
    log: Log,
  ): Promise<Agent> {
    const { queue, book, claims } = store;
    const readiness = new Readiness({ healthy: () => queue.healthy, refusal: () => queue.refusal }, log);
    const intake = new TicketIntake(queue, book, metrics);
    const openSource = openSourceWith({ metrics, log });
    const agentId = randomUUID();
    const lines = config.hubs.map(
      (hub) =>
        new HubLine(hub, {
          agentId,
          claims,
          leaseMs: config.leaseMs,
          book,
          intake,
          openSource,
          metrics,
          log,
        }),
    );
    const desk = new SubscriptionDesk(lines, book, config.subscriptionsPerHub);
    const module = AgentModule.forRoot({ queue, desk, metrics, readiness });
    const app = await openApp(module, config, log);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const host = config.host.includes(':') ? `[${config.host}]` : config.host;
    return new Agent(`http://${host}:${port}`, config, app, store, lines, readiness, log);
  }

  /** Closes the hubs, lets handlers end, closes everything. `hasten` cuts the waiting short. */
  async stop(hasten: Promise<void>): Promise<void> {
    const { config, store, lines, log } = this;
    this.readiness.draining();
    const failed = (error: unknown): void => log.warn('stop failed in part', { error });
    const work = Promise.all([
      ...lines.map((line) => line.stop()),
      store.queue.stop(config.drainMs).then((isEnded) => {
        if (!isEnded) log.warn('handlers cut short', { drainMs: config.drainMs });
      }),
    ]);
    await within(
      config.drainMs + CLOSE_MS,
      hasten,
      work.then(() => undefined),
      failed,
    );
    await within(CLOSE_MS, undefined, this.app.close(), failed);
    await within(CLOSE_MS, undefined, closeStore(store), failed);
  }
}

async function openApp(
  module: ReturnType<typeof AgentModule.forRoot>,
  config: Config,
  log: Log,
): Promise<NestFastifyApplication> {
  if (config.operatorToken === undefined)
    log.warn('authentication disabled: RINGBACK_AGENT_OPERATOR_TOKEN is not set');
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new FastifyAdapter(httpAdapterOptions()),
    { logger: new NestLog(log), abortOnError: false },
  );
  try {
    configureHttp(app, config, log);
    await app.init();
    await listen(app, config);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

async function closeStore(store: AgentStore): Promise<void> {
  await store.queue.close();
  await store.close();
}
