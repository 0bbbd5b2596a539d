import type { ClientConnection } from '../client-connection.js';
import type { Backplane, BackplaneMessage } from './backplane.js';
import { CallContext } from './call-context.js';
import type { ConnectionHost } from './connection-host.js';
import { hubClients, type HubClients } from './hub-clients.js';
import { HubConnection } from './hub-connection.js';
import type { Hub } from './hub-definition.js';
import { hubGroups, type HubGroups } from './hub-groups.js';
import type { HubOptions } from './hub-options.js';
import { HubRouter, type HubAddress } from './hub-router.js';

/** One hub, running on one node. */
export class SignalRHub {
  /** Whom it can reach, on every node. Usable from anywhere, not only from its methods. */
  readonly clients: HubClients;
  readonly groups: HubGroups;
  private readonly router: HubRouter;
  private readonly host: ConnectionHost<HubConnection>;
  /** All that have not finished, those before their handshake included. */
  private readonly present = new Set<HubConnection>();
  private draining = false;

  constructor(
    hub: Hub,
    address: HubAddress,
    backplane: Backplane,
    private readonly options: HubOptions,
  ) {
    const router = new HubRouter(address, backplane, options);
    this.router = router;
    this.clients = hubClients(router);
    this.groups = hubGroups(router);
    this.host = {
      hub,
      options,
      context: (connection, scope) => new CallContext(connection, scope, router),
      onOpened: (connection) => router.local.add(connection),
      onEnded: (connection) => this.ended(connection),
    };
  }

  /** Connections of this node that are past their handshake. */
  get connectionCount(): number {
    return this.router.local.size;
  }

  /** The connection of that id, if it is on this node. */
  connection(connectionId: string): HubConnection | undefined {
    return this.router.local.get(connectionId);
  }

  /** Takes over a connection that a transport has opened. Never throws. */
  accept(transport: ClientConnection): void {
    if (this.draining) return transport.close();
    try {
      this.present.add(new HubConnection(transport, this.host));
    } catch (error) {
      const { connectionId } = transport;
      this.options.log.warn('hub connection refused', { connectionId, error });
      transport.abort();
    }
  }

  /** What another node says. */
  receive(message: BackplaneMessage): void {
    this.router.receive(message);
  }

  /** Lets no more in, and sends all away, to come back elsewhere: spread over `overMs`, so that they do not all come back at once. */
  async drain(overMs: number): Promise<void> {
    this.draining = true;
    const leaving = [...this.present];
    const gapMs = overMs / Math.max(leaving.length, 1);
    await Promise.all(leaving.map((connection, index) => this.leaveAfter(connection, index * gapMs)));
    this.router.close();
  }

  private async leaveAfter(connection: HubConnection, delayMs: number): Promise<void> {
    const cancel = this.options.timers.after(delayMs, () => connection.leave(true));
    await connection.finished; // it may go by itself before its turn
    cancel();
  }

  private ended(connection: HubConnection): void {
    this.router.local.remove(connection);
    const forget = (): void => void this.present.delete(connection);
    connection.finished.then(forget, forget);
  }
}
