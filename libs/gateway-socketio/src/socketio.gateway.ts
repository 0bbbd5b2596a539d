import { CLIENT_METHODS, CLOSE_REASONS, HubError } from '@ringback/contract';
import { CommandHandler, type DisconnectReason, type Hub } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import { ClientCommands } from './client-commands.js';
import { EngineLink, type EngineConnection } from './engine-link.js';
import { SocketIoDirectory } from './socketio-directory.js';
import { DEFAULT_PATH, serverOptions, type SocketIoConfig } from './socketio.config.js';
import { SocketIoConnection } from './socketio.connection.js';
import { credentialsOf, wantedSession } from './socketio.credentials.js';
import { ConnectRefusal, errorNotice } from './socketio.errors.js';
import { requestFault, upgradeFault } from './socketio.admission.js';
import { refuseRequest, refuseUpgrade, sessionOf, takeRequests } from './socketio.requests.js';
import {
  codeNamespaceRefusals,
  type Engine,
  type EngineRequest,
  type HubServer,
  type HubSocket,
} from './socketio.server.js';

/** How many transports may be open beyond the connections of the node: those whose clients are not admitted yet. */
const ARRIVING = 1_000;

/** Accepts clients of Socket.IO and maps what they send to the hub. */
export class SocketIoGateway {
  private readonly io: HubServer;
  private readonly engine: Engine;
  private readonly connections = new Map<string, SocketIoConnection>();
  private readonly links = new WeakMap<object, EngineLink>();
  /** Transports whose client is in the namespace, or about to be. */
  private readonly taken = new WeakSet<object>();
  private closing = false;

  constructor(
    private readonly hub: Hub,
    private readonly config: SocketIoConfig = {},
  ) {
    // On a server of its own, which nobody listens to: `attach` hands requests in, and closing leaves the real one alone.
    this.io = new Server(createServer(), serverOptions(config, hub.limits));
    this.engine = this.io.engine as unknown as Engine;
    this.engine.generateId = () => `${hub.nodeId}.${randomBytes(15).toString('base64url')}`;
    this.engine.on('connection', (conn) => this.linkOf(conn));
    codeNamespaceRefusals(this.io);
    this.io.use((socket, next) => this.settle(this.admit(socket, next)));
    this.io.on('connection', (socket) => this.accept(socket));
    hub.addDirectory(this.directory());
  }

  /** Takes the requests under the path of Socket.IO from an HTTP server. */
  attach(server: HttpServer): void {
    takeRequests(server, this.config.path ?? DEFAULT_PATH, {
      request: (request, response, query) => {
        const refusal = requestFault(request, query, this.config.cors) ?? this.refusal(request, query);
        if (refusal) refuseRequest(response, this.hub.failed(refusal), this.config.cors);
        else this.engine.handleRequest(request, response);
      },
      upgrade: (request, link, head, query) => {
        const refusal = upgradeFault(request, this.config.cors) ?? this.refusal(request, query);
        if (refusal) refuseUpgrade(link, this.hub.failed(refusal));
        else this.upgrade(request, link, head);
      },
    });
  }

  /** Closes every connection that is left, and refuses new ones. */
  async close(): Promise<void> {
    this.closing = true;
    for (const connection of this.connections.values()) connection.close(CLOSE_REASONS.draining);
    await this.io.close();
  }

  private upgrade(request: EngineRequest, link: Duplex, head: Buffer): void {
    const { outboxBytes } = this.hub.limits;
    this.engine.handleUpgrade(request, link, head);
    // Pings and probes are answered below the connection, or before there is one. Engine.IO may take a turn to accept.
    setImmediate(() => {
      const boundAnswers = () => link.writableLength > outboxBytes && link.destroy();
      request.websocket?.on('ping', boundAnswers).on('message', boundAnswers);
    });
  }

  /** What the state of the node forbids. */
  private refusal({ method }: IncomingMessage, query: URLSearchParams): HubError | undefined {
    if (method === 'OPTIONS') return undefined;
    const { clients, clientsCount } = this.engine;
    const sid = sessionOf(query);
    if (sid !== undefined)
      return Object.hasOwn(clients, sid) ? undefined : new HubError('transport-session-not-found');
    if (this.closing) return new HubError('draining');
    const most = this.hub.limits.connectionsPerNode + ARRIVING;
    return clientsCount < most ? undefined : new HubError('too-many-connections');
  }

  private async admit(socket: HubSocket, next: (refusal?: ConnectRefusal) => void): Promise<void> {
    const { conn } = socket;
    if (this.taken.has(conn)) return next(this.refused(new HubError('bad-request', 'Connected already.')));
    this.taken.add(conn);
    try {
      const identity = await this.hub.authenticate(credentialsOf(socket.handshake));
      const session = wantedSession(socket.handshake, identity);
      Object.assign(socket.data, { identity, session });
    } catch (error) {
      this.taken.delete(conn);
      return next(this.refused(error));
    }
    next();
  }

  private refused(error: unknown): ConnectRefusal {
    return new ConnectRefusal(this.hub.failed(error));
  }

  private accept(socket: HubSocket): void {
    const { identity, session } = socket.data;
    const onFault = (error: unknown) => this.hub.failed(error);
    const connection = new SocketIoConnection(socket, this.linkOf(socket.conn), onFault);
    try {
      this.hub.connect(connection, identity, session);
    } catch (error) {
      return this.turnAway(connection, this.hub.failed(error));
    }
    this.connections.set(connection.connectionId, connection);
    const handler = new CommandHandler(this.hub, identity, connection.connectionId);
    const commands = new ClientCommands(this.hub, connection, handler);
    socket.use((message) => commands.receive(message));
    socket.on('disconnect', () => this.forget(connection));
  }

  private turnAway(connection: SocketIoConnection, error: HubError): void {
    const { code } = error;
    if (code === 'too-many-connections' || code === 'draining') return connection.close(CLOSE_REASONS[code]);
    connection.answer((socket) => socket.emit(CLIENT_METHODS.error, errorNotice(error, 'connect')));
    connection.hangUp();
  }

  private forget(connection: SocketIoConnection): void {
    const { connectionId, closedFor } = connection;
    this.connections.delete(connectionId);
    this.hub.disconnect(connectionId, (closedFor?.name ?? 'client') as DisconnectReason);
    connection.hangUp();
  }

  private linkOf(conn: object): EngineLink {
    let link = this.links.get(conn);
    if (!link) {
      link = new EngineLink(conn as EngineConnection, this.hub.limits.outboxBytes);
      this.links.set(conn, link);
    }
    return link;
  }

  private directory(): SocketIoDirectory {
    const { connections } = this;
    return new SocketIoDirectory(this.io, this.hub.nodeId, {
      get size() {
        return connections.size;
      },
      has: (connectionId) => connections.has(connectionId),
      remove: (connectionId) => {
        const connection = connections.get(connectionId);
        connection?.close(CLOSE_REASONS['closed-by-operator']);
        return connection !== undefined;
      },
    });
  }

  private settle(work: Promise<void>): void {
    work.catch((error: unknown) => this.hub.failed(error));
  }
}
