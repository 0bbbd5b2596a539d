import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Deferred, delay } from '@ringback/async';
import { Hub, type Log } from '@ringback/core';
import { HttpRouter } from '@ringback/gateway-kit';
import { Readiness } from '@ringback/http-kit';
import type { Server } from 'node:http';
import type { ClusterPorts } from './cluster-ports.js';
import { waitForConnectionsClosed } from './connections-closed.js';
import type { CompleteOptions } from './ringback.options.js';
import { CLUSTER_PORTS, LOG, RINGBACK_OPTIONS } from './tokens.js';

/** For what is stored to be removed after the last connection. */
const DRAIN_HEADROOM_MS = 5_000;
/** For the last messages to leave, so that clients are told why. */
const FLUSH_MS = 1_000;

/**
 * The life of a node within its application. It takes the requests of its protocols once the application is initialised, joins the cluster once the HTTP
 * server listens, and drains before anything else of the application is closed: `app.close()`, or a signal with `enableShutdownHooks()`, is all that a
 * stop needs.
 */
@Injectable()
export class RingbackNode implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly joined = new Deferred<void>();
  private readonly hastened = new AbortController();

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(CLUSTER_PORTS) private readonly ports: ClusterPorts,
    @Inject(RINGBACK_OPTIONS) private readonly options: CompleteOptions,
    @Inject(LOG) private readonly log: Log,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Resolves when the node has joined the cluster; rejects if it could not. */
  ready(): Promise<void> {
    return this.joined.promise;
  }

  /** Cuts the drain of a stop that is under way, or still to come, short. */
  hasten(): void {
    this.hastened.abort();
  }

  onApplicationBootstrap(): void {
    const { server } = this;
    const join = (): void => {
      this.join().then(this.joined.resolve, this.joined.reject);
    };
    this.joined.promise.catch((error: unknown) =>
      this.log.error('node has not joined the cluster', { error }),
    );
    if (!server) return join(); // an application without HTTP
    this.router.attach(server);
    if (server.listening) join();
    else server.once('listening', join);
  }

  async onModuleDestroy(): Promise<void> {
    const hasJoined = this.readiness.isStarted;
    this.readiness.draining();
    if (hasJoined) await this.drain();
    this.router.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ports.close();
  }

  private async join(): Promise<void> {
    await this.hub.start();
    this.readiness.started();
  }

  /** Serves on until load balancers have noticed, then sends the clients away, a few at a time. Never rejects. */
  private async drain(): Promise<void> {
    const { drainMs, shutdownDelayMs } = this.options;
    await this.unlessHastened(delay(shutdownDelayMs, this.hastened.signal));
    const drained = this.hub.drain(drainMs).then(() => true);
    const timer = new AbortController(); // which would keep the process alive when the drain is done
    const stopped = AbortSignal.any([this.hastened.signal, timer.signal]);
    const late = delay(drainMs + DRAIN_HEADROOM_MS, stopped).then(() => false);
    const isDrained = await this.unlessHastened(Promise.race([drained, late]));
    timer.abort();
    if (!isDrained) this.log.warn('drain cut short', { drainMs });
    if (this.server) await waitForConnectionsClosed(this.server, FLUSH_MS);
  }

  private async unlessHastened<Result>(work: Promise<Result>): Promise<Result | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!this.hastened.signal.aborted) this.log.warn('drain failed', { error });
      return undefined;
    }
  }

  private get server(): Server | undefined {
    return this.host.httpAdapter?.getHttpServer() as Server | undefined;
  }
}
