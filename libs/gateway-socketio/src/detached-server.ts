import { Inject, Injectable } from '@nestjs/common';
import { Hub } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import { answerPings, InboundControl, paceEnds, paceReads } from '@ringback/gateway-kit';
import { ClusterAdapters } from './cluster-adapters.js';
import { EngineIoInbound } from './engine-io-inbound.js';
import {
  CLOSE_TIMEOUT_MS,
  EngineIoTransport,
  type EngineConnection,
  type EngineWebSocket,
} from './engine-io-transport.js';
import { patchInvalidNamespaceError } from './invalid-namespace.js';
import { serverOptions, SOCKETIO_OPTIONS, type CompleteSocketIoOptions } from './socketio.options.js';
import type { Engine, EngineRequest, HubServer } from './socketio.types.js';

/** Of `ws`, beyond what Engine.IO has options for. */
const WEBSOCKET_OPTIONS = { autoPong: false, closeTimeout: CLOSE_TIMEOUT_MS };

/**
 * The Socket.IO server of the hub's clients. Its HTTP server is one that nobody listens to: requests are handed in, and closing it leaves that of the
 * application alone.
 */
@Injectable()
export class DetachedServer {
  readonly io: HubServer;
  private readonly engine: Engine;
  private readonly transports = new WeakMap<object, EngineIoTransport>();
  private readonly control: InboundControl;
  private bound = false;

  private readonly checkBackpressure: (this: EngineWebSocket) => void;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(SOCKETIO_OPTIONS) private readonly options: CompleteSocketIoOptions,
    @Inject(ClusterAdapters) adapters: ClusterAdapters,
  ) {
    this.control = InboundControl.of(hub);
    this.checkBackpressure = backpressureCheck(hub.limits.outboxBytes);
    const adapter = adapters.create(options.path);
    this.io = new Server(createServer(), {
      ...serverOptions(options, hub.limits),
      ...(adapter && { adapter }),
    });
    this.engine = this.io.engine as unknown as Engine;
    this.engine.generateId = () => `${hub.nodeId}.${randomBytes(15).toString('base64url')}`;
    Object.assign(this.engine.ws.options, WEBSOCKET_OPTIONS);
    this.engine.on('connection', (conn) => this.transportOf(conn));
    patchInvalidNamespaceError(this.io);
  }

  /** Whether a gateway serves the clients. */
  get isBound(): boolean {
    return this.bound;
  }

  /** How many transports are open, those of clients that are not admitted yet included. */
  get transportCount(): number {
    return this.engine.clientsCount;
  }

  /** Hands the server to the gateway. */
  bind(): Server {
    this.bound = true;
    return this.io as Server;
  }

  /** Resolves when a POST of the session may be read; `undefined` if it may be now. Throws `bad-request` if another one waits. */
  untilReading(sid: string): Promise<void> | undefined {
    const conn = this.hasTransport(sid) ? this.engine.clients[sid] : undefined;
    return conn && this.transportOf(conn).inbound?.untilReading();
  }

  hasTransport(sid: string): boolean {
    return Object.hasOwn(this.engine.clients, sid);
  }

  findTransport(sid: string): EngineIoTransport | undefined {
    const conn = this.hasTransport(sid) ? this.engine.clients[sid] : undefined;
    return conn && this.transportOf(conn);
  }

  transportOf(conn: object): EngineIoTransport {
    let transport = this.transports.get(conn);
    if (!transport) {
      const { control, hub, options } = this;
      transport = new EngineIoTransport(conn as EngineConnection, hub.limits.outboxBytes);
      transport.inbound = new EngineIoInbound(
        conn as EngineConnection,
        transport,
        control,
        options.pingIntervalMs,
      );
      this.transports.set(conn, transport);
    }
    return transport;
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): void {
    this.engine.handleRequest(request, response);
  }

  handleUpgrade(request: EngineRequest, socket: Duplex, head: Buffer): void {
    this.engine.handleUpgrade(request, socket, head);
    // Pings and probes are answered below the connection, or before there is one. Engine.IO may take a turn to accept.
    setImmediate(() => {
      const { websocket } = request;
      if (!websocket?._socket) return;
      websocket.on('ping', this.checkBackpressure).on('message', this.checkBackpressure);
      answerPings(websocket);
      paceEnds(websocket._socket, this.control.endings);
      paceReads(websocket, websocket._socket, this.control.scheduler);
    });
  }
}

/** One for all WebSockets of a server: it stays with each as long as that is open. */
function backpressureCheck(limitBytes: number) {
  return function checkBackpressure(this: EngineWebSocket): void {
    const { _socket: socket } = this;
    if (socket && socket.writableLength > limitBytes) socket.destroy();
  };
}
