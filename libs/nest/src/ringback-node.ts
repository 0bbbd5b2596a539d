import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Deferred, delay } from '@ringback/async';
import { HubError } from '@ringback/contract';
import { Hub, type Log } from '@ringback/core';
import { ForwardedLinks, HttpRouter } from '@ringback/gateway-kit';
import { Readiness } from '@ringback/http-kit';
import type { Server } from 'node:http';
import type { ClusterPorts } from './cluster-ports.js';
import { BETWEEN_POLLS_MS, stopListening, waitForConnectionsClosed } from './connections-closed.js';
import { findOtherAddresses } from './other-addresses.js';
import type { CompleteOptions } from './ringback.options.js';
import { CLUSTER_PORTS, LOG, RINGBACK_OPTIONS } from './tokens.js';

/** For what is being started to start, so that it can be stopped. */
const JOIN_TIMEOUT_MS = 3_000;
/** For what is stored to be removed after the last connection. */
const DRAIN_HEADROOM_MS = 5_000;
/** For the last messages to leave, so that clients are told why. */
const FLUSH_MS = 1_000;
/** For what is forwarded to end, and for other nodes to send their clients away whose links go through this one. */
const LINKS_MS = 2_000;
const CLOSE_IDLE_EVERY_MS = 10;

/**
 * The life of a node within its application. It takes the requests of its protocols once the application is initialised, joins the cluster once the HTTP
 * server listens, and drains when the application is closed: `app.close()`, or a signal with `enableShutdownHooks()`, is all that a stop needs.
 *
 * It drains in `onModuleDestroy`, before Nest closes gateways and server. Nest comes to global modules last, so the `onModuleDestroy` of the application's own
 * modules is called before, while clients are still served: what handlers, guards or an access policy use is to be closed in `onApplicationShutdown`.
 */
@Injectable()
export class RingbackNode implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly joined = new Deferred<void>();
  private readonly drainCut = new AbortController();
  private joining: Promise<void> | undefined;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(ForwardedLinks) private readonly links: ForwardedLinks,
    @Inject(CLUSTER_PORTS) private readonly ports: ClusterPorts,
    @Inject(RINGBACK_OPTIONS) private readonly options: CompleteOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {
    this.joined.promise.catch(() => undefined); // `join` logs it; nobody may be waiting
  }

  /** Resolves when the node has joined the cluster; rejects if it could not, or with `draining` if the application was closed before. */
  ready(): Promise<void> {
    return this.joined.promise;
  }

  /** Cuts the drain short, whether it is under way or still to come. */
  cutDrainShort(): void {
    this.drainCut.abort();
  }

  onApplicationBootstrap(): void {
    const join = (): void => void (this.joining = this.join());
    const { server } = this;
    if (!server) return join(); // an application without HTTP
    this.router.attach(server);
    this.host.listen$.subscribe(() => this.reportOtherAddresses());
    if (server.listening) join();
    else server.once('listening', join);
  }

  async onModuleDestroy(): Promise<void> {
    const wasReady = this.readiness.isStarted;
    this.readiness.draining();
    this.router.leave();
    this.joined.reject(new HubError('draining'));
    if (wasReady) await this.waitForLoadBalancers();
    else if (this.joining) await this.isDoneWithin(JOIN_TIMEOUT_MS, this.joining);
    await this.drain();
    if (this.server) await this.finishExchanges(this.server);
    this.router.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ports.close();
  }

  private reportOtherAddresses(): void {
    const addresses = findOtherAddresses(this.host);
    if (addresses.length > 0) this.log.error('protocols not served on further addresses', { addresses });
  }

  /** Never rejects. */
  private async join(): Promise<void> {
    try {
      await this.hub.start();
      this.readiness.started();
      this.joined.resolve();
    } catch (error) {
      if (!isDraining(error)) this.log.error('node has not joined the cluster', { error });
      this.joined.reject(error as Error);
    }
  }

  private async waitForLoadBalancers(): Promise<void> {
    await delay(this.options.shutdownDelayMs, this.drainCut.signal).catch(() => undefined); // cut short
  }

  /** Sends the clients away, a few at a time, and leaves the cluster. Never rejects. */
  private async drain(): Promise<void> {
    const { drainMs } = this.options;
    const drained = this.hub
      .drain(drainMs)
      .catch((error: unknown) => this.log.warn('drain failed', { error }));
    if (!(await this.isDoneWithin(drainMs + DRAIN_HEADROOM_MS, drained)))
      this.log.warn('drain cut short', { drainMs });
  }

  /** What has been sent leaves, and what is under way or forwarded ends. Nobody is let in any more: load balancers try another node. */
  private async finishExchanges(server: Server): Promise<void> {
    const { router, links } = this;
    // Of the application's own gateways, and of other nodes' clients.
    const others = (): number => router.otherConnections + links.size;
    const isQuiet = (): boolean => router.quietMs > BETWEEN_POLLS_MS;
    await waitForConnectionsClosed(server, FLUSH_MS, others, isQuiet);
    await stopListening(server, FLUSH_MS);
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS); // else more would come on those
    await Promise.all([links.finish(LINKS_MS), waitForConnectionsClosed(server, FLUSH_MS, others)]);
    clearInterval(idle);
  }

  /** Whether the work is done within the time, and before the drain is cut short. */
  private async isDoneWithin(limitMs: number, work: Promise<void>): Promise<boolean> {
    const timer = new AbortController(); // which would keep the process alive when the work is done
    const late = delay(limitMs, AbortSignal.any([this.drainCut.signal, timer.signal]));
    const done = work.then(() => true);
    const isDone = await Promise.race([done, late.then(isLate, isLate)]);
    timer.abort();
    return isDone;
  }

  private get server(): Server | undefined {
    return this.host.httpAdapter?.getHttpServer() as Server | undefined;
  }
}

function isLate(): boolean {
  return false;
}

function isDraining(error: unknown): boolean {
  return error instanceof HubError && error.code === 'draining';
}
