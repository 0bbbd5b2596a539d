import { CLOSE_REASONS, type CloseReason, type HubError } from '@ringback/contract';
import type { Hub, Identity, LocalConnections, SessionRequest } from '@ringback/core';
import type { AccessLog, ClientSource } from '@ringback/http-kit';
import { ClientSession } from './client-session.js';
import type { GatewayConnection } from './gateway-connection.js';

/** The clients of one gateway on this node. Operators find and close them from any node. */
export class ConnectionRegistry<
  Link extends GatewayConnection = GatewayConnection,
> implements LocalConnections {
  private readonly sessions = new Map<string, ClientSession<Link>>();

  constructor(
    private readonly hub: Hub,
    readonly gateway: string,
    private readonly access?: AccessLog,
  ) {
    hub.addConnections(gateway, this);
  }

  get size(): number {
    return this.sessions.size;
  }

  has(connectionId: string): boolean {
    return this.sessions.has(connectionId);
  }

  find(connectionId: string): ClientSession<Link> | undefined {
    return this.sessions.get(connectionId);
  }

  /**
   * Takes a client in; with `request` as a durable subscriber. Throws as `Hub.connect` does, with nothing left behind: the gateway then closes the
   * link, with `closeReasonOf` where the error has one. Where there is a `source`, the access log has a line of it.
   */
  open(
    connection: Link,
    identity: Identity,
    request?: SessionRequest,
    source?: ClientSource,
  ): ClientSession<Link> {
    this.hub.connect(connection, identity, request);
    const session = new ClientSession(this.hub, connection, identity, request !== undefined);
    this.sessions.set(connection.connectionId, session);
    if (source) this.recordClient(session, source);
    return session;
  }

  /** A client was refused, by `open` or before it: the access log has a line of it. To be called by every gateway. */
  refused(source: ClientSource, error: HubError, identity?: Identity): void {
    this.access?.refused(this.gateway, source, error, identity);
  }

  /** The link is gone. A second call does nothing. */
  end(session: ClientSession<Link>): void {
    this.sessions.delete(session.connectionId);
    session.end();
  }

  /** Closes a connection for an operator. Answers whether there was one. */
  remove(connectionId: string): boolean {
    const session = this.sessions.get(connectionId);
    session?.connection.close(CLOSE_REASONS['closed-by-operator']);
    return session !== undefined;
  }

  closeAll(reason: CloseReason): void {
    for (const { connection } of this.sessions.values()) connection.close(reason);
  }

  private recordClient(session: ClientSession<Link>, source: ClientSource): void {
    const { connectionId, identity } = session;
    const onEnd = this.access?.connected({ gateway: this.gateway, connectionId, identity }, source);
    if (onEnd) session.onEnd(onEnd);
  }
}
