import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { CLOSE_REASONS } from '@ringback/contract';
import { HttpRouter } from '@ringback/gateway-kit';
import { ClientAdmission } from './client-admission.js';
import { ClusterAdapters } from './cluster-adapters.js';
import { CommandDispatcher } from './command-dispatcher.js';
import { DetachedServer } from './detached-server.js';
import { SocketIoClients } from './socketio.clients.js';
import { SocketIoGateway } from './socketio.gateway.js';
import { SocketIoMount } from './socketio.mount.js';
import {
  DEFAULT_OPTIONS,
  SOCKETIO_OPTIONS,
  type CompleteSocketIoOptions,
  type SocketIoOptions,
} from './socketio.options.js';

/** The options, and the parts that the application replaces. */
export interface SocketIoModuleOptions extends SocketIoOptions {
  /** Each replaces the part whose class it provides: `{ provide: SocketIoGateway, useClass: MyGateway }`. */
  readonly providers?: readonly Provider[];
}

/** Common proxies give up after 60 s of silence, and a poll is silent until the next ping. */
const PROXY_PATIENCE_MS = 50_000;
const LONG_PING_INTERVAL = 'Socket.IO ping interval of 50 s or more: common proxies cut connections before';

const logger = new Logger('Socket.IO');

const PARTS: readonly Provider[] = [
  ClientAdmission,
  ClusterAdapters,
  CommandDispatcher,
  DetachedServer,
  SocketIoClients,
  SocketIoGateway,
  SocketIoMount,
];

/** Serves Socket.IO clients on the HTTP server of the application. Expects the global `RingbackModule`, and `useSocketIo(app)` before the application is initialised. */
@Module({})
export class SocketIoGatewayModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(SocketIoMount) private readonly mount: SocketIoMount,
    @Inject(DetachedServer) private readonly server: DetachedServer,
    @Inject(SocketIoClients) private readonly clients: SocketIoClients,
    @Inject(SOCKETIO_OPTIONS) private readonly options: CompleteSocketIoOptions,
  ) {}

  static forRoot({ providers = [], ...options }: SocketIoModuleOptions = {}): DynamicModule {
    const complete = { provide: SOCKETIO_OPTIONS, useValue: { ...DEFAULT_OPTIONS, ...options } };
    return {
      module: SocketIoGatewayModule,
      providers: [complete, ...PARTS, ...providers], // of two with one token the later counts
      exports: [SocketIoGateway, DetachedServer],
    };
  }

  onModuleInit(): void {
    if (!this.server.isBound) {
      throw new Error(
        'Call useSocketIo(app) right after creating the application, before app.init() or app.listen().',
      );
    }
    this.router.mount(this.mount);
    if (this.options.pingIntervalMs >= PROXY_PATIENCE_MS) logger.warn(LONG_PING_INTERVAL);
  }

  /** The node has been drained: whoever is left came too late. */
  beforeApplicationShutdown(): void {
    this.mount.close();
    this.clients.closeAll(CLOSE_REASONS.draining);
  }
}
