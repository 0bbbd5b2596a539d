import { Inject, Injectable } from '@nestjs/common';
import { CLIENT_METHODS, HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { closeReasonOf, HttpRouter, maxPollBufferBytes, parseSessionRequest } from '@ringback/gateway-kit';
import type { ClientSource } from '@ringback/http-kit';
import { DetachedServer } from './detached-server.js';
import { SocketIoClients } from './socketio.clients.js';
import { SocketIoConnection } from './socketio.connection.js';
import { credentialsOf, requestedSessionOf } from './socketio.credentials.js';
import { ConnectError, errorNotice } from './socketio.errors.js';
import { GATEWAY } from './socketio.options.js';
import type { HubSocket } from './socketio.types.js';

type Next = (error?: ConnectError) => void;

/** In place of what a client has shown: adapters hand the handshake around among the nodes. */
const FORGOTTEN = { auth: {}, headers: {}, query: {}, url: '' } as const;

/** Lets clients in: who they are, whether the hub takes them, and what becomes of those whom it does not. */
@Injectable()
export class ClientAdmission {
  /** Transports whose client is in the namespace, or about to be. */
  private readonly admitted = new WeakSet<object>();
  /** One for all connections. */
  private readonly pollBufferBytes: number;
  private readonly reportError = (error: unknown): unknown => this.hub.failed(error);

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(DetachedServer) private readonly server: DetachedServer,
    @Inject(SocketIoClients) private readonly clients: SocketIoClients,
    @Inject(HttpRouter) private readonly router: HttpRouter,
  ) {
    this.pollBufferBytes = maxPollBufferBytes(hub.limits);
  }

  /** To be called before a client is in the namespace; `next` gets the refusal, if it is one. */
  authenticate(socket: HubSocket, next: Next): void {
    this.identify(socket, next).catch((error: unknown) => this.hub.failed(error));
  }

  /** A client is in the namespace. Never throws. */
  onConnection(socket: HubSocket): void {
    const { admission } = socket.data;
    if (!admission) return this.onDisconnect(socket);
    socket.data.admission = undefined;
    const source = sourceOf(socket);
    Object.assign(socket.handshake, FORGOTTEN);
    const transport = this.server.transportOf(socket.conn);
    const connection = new SocketIoConnection(socket, transport, this.reportError, this.pollBufferBytes);
    this.router.admit(transport.socket);
    try {
      this.clients.open(connection, admission.identity, admission.session, source);
    } catch (error) {
      const hubError = this.hub.failed(error);
      this.clients.refused(source, hubError, admission.identity);
      this.reject(connection, hubError);
    }
  }

  /** A client has left the namespace: nothing of its transport outlives that. */
  onDisconnect(socket: HubSocket): void {
    const session = this.clients.find(socket.id);
    if (session) this.clients.end(session);
    socket.conn.close();
  }

  private async identify(socket: HubSocket, next: Next): Promise<void> {
    const { conn, handshake } = socket;
    if (this.admitted.has(conn))
      return next(this.refuse(socket, new HubError('bad-request', 'Connected already.')));
    this.admitted.add(conn);
    try {
      const identity = await this.hub.authenticate({ ...credentialsOf(handshake), gateway: GATEWAY });
      const session = parseSessionRequest(requestedSessionOf(handshake), identity);
      socket.data.admission = { identity, session };
    } catch (error) {
      this.admitted.delete(conn);
      return next(this.refuse(socket, error));
    }
    next();
  }

  private reject(connection: SocketIoConnection, error: HubError): void {
    const reason = closeReasonOf(error);
    if (reason) return connection.close(reason);
    connection.respond((socket) => socket.emit(CLIENT_METHODS.error, errorNotice(error, 'connect')));
    connection.closeTransport();
  }

  private refuse(socket: HubSocket, error: unknown): ConnectError {
    const hubError = this.hub.failed(error);
    this.clients.refused(sourceOf(socket), hubError);
    return new ConnectError(hubError);
  }
}

function sourceOf({ conn, request: { headers } }: HubSocket): ClientSource {
  const transport = conn.transport.name === 'polling' ? 'long-polling' : conn.transport.name;
  return { transport, request: { headers, socket: { remoteAddress: conn.remoteAddress } } };
}
