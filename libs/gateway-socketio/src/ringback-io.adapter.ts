import type { INestApplication } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { isSamePath } from '@ringback/gateway-kit';
import type { Observable } from 'rxjs';
import type { Server, ServerOptions, Socket } from 'socket.io';
import { ClusterAdapters } from './cluster-adapters.js';
import { CommandDispatcher, type MessageHandlers } from './command-dispatcher.js';
import { DetachedServer } from './detached-server.js';
import { SocketIoClients } from './socketio.clients.js';
import { HUB_PATH } from './socketio.gateway.js';
import { DEFAULT_OPTIONS, SOCKETIO_OPTIONS, type CompleteSocketIoOptions } from './socketio.options.js';

/**
 * Serves the hub's gateway on its detached server, with the order of commands kept, and the other gateways of the application as `IoAdapter` does. All of
 * them reach their clients on every node.
 */
export class RingbackIoAdapter extends IoAdapter {
  private readonly detached: DetachedServer;
  private readonly clients: SocketIoClients;
  private readonly dispatcher: CommandDispatcher;
  private readonly adapters: ClusterAdapters;
  private readonly options: CompleteSocketIoOptions;

  constructor(app: INestApplication) {
    super(app);
    this.detached = app.get(DetachedServer, { strict: false });
    this.clients = app.get(SocketIoClients, { strict: false });
    this.dispatcher = app.get(CommandDispatcher, { strict: false });
    this.adapters = app.get(ClusterAdapters, { strict: false });
    this.options = app.get(SOCKETIO_OPTIONS, { strict: false });
  }

  override createIOServer(port: number, options: Partial<ServerOptions> = {}): Server {
    const { path = DEFAULT_OPTIONS.path } = options;
    if (path === HUB_PATH) return this.detached.bind();
    if (port === 0 && isSamePath(path, this.options.path)) throw takenPathError(path);
    const adapter = this.adapters.create(port === 0 ? path : `${port}${path}`);
    return super.createIOServer(port, { ...(adapter && { adapter }), ...options } as ServerOptions);
  }

  override bindMessageHandlers(
    socket: Socket,
    handlers: MessageMappingProperties[],
    transform: (data: unknown) => Observable<unknown>,
  ): void {
    if (!this.isOfHub(socket)) return super.bindMessageHandlers(socket, handlers, transform);
    const session = this.clients.find(socket.id);
    if (!session) return; // turned away
    const byMethod = byName(handlers);
    // Without calling the next one: no message is left to Socket.IO's own listeners.
    socket.use((packet) => this.dispatcher.dispatch(session, byMethod, packet));
  }

  /** The socket says so once: without the wrapper that `once` would keep for each connection. */
  override bindClientDisconnect(socket: Socket, callback: (reason: string) => void): void {
    if (this.isOfHub(socket)) socket.on('disconnect', callback);
    else super.bindClientDisconnect(socket, callback);
  }

  private isOfHub(socket: Socket): boolean {
    return socket.nsp.server === (this.detached.io as Server);
  }
}

/** One object for each connection in place of one for each of its methods. */
function byName(handlers: readonly MessageMappingProperties[]): MessageHandlers {
  return Object.fromEntries(handlers.map(({ message, callback }) => [message as string, callback]));
}

function takenPathError(path: string): Error {
  return new Error(
    `The hub serves its Socket.IO clients at ${path}: give the other gateway a path of its own.`,
  );
}
