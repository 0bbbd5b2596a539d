import type { ClientRoutes } from './hub-clients.js';
import type { HubConnection } from './hub-connection.js';
import { noSuchConnection } from './hub-errors.js';
import type { Memberships } from './hub-groups.js';
import type { HubRouter } from './hub-router.js';
import { prepareSend, type PreparedMessage } from './prepared-message.js';
import type { SendTarget } from './send-target.js';

/** The ways of one client's calls. It is on this node or gone: other nodes are not asked for it, nor waited for. */
export class CallerRoutes implements ClientRoutes, Memberships {
  constructor(
    private readonly router: HubRouter,
    private readonly caller: HubConnection,
  ) {}

  send(to: SendTarget, target: string, args: readonly unknown[]): Promise<void> {
    return this.sendPrepared(to, prepareSend(target, args));
  }

  async sendPrepared(to: SendTarget, message: PreparedMessage): Promise<void> {
    const isForCaller = to.kind === 'connections' && to.ids.every((id) => this.isCaller(id));
    if (!isForCaller || !this.isGone()) await this.router.sendPrepared(to, message);
  }

  async invoke(connectionId: string, target: string, args: readonly unknown[]): Promise<unknown> {
    if (this.isCaller(connectionId) && this.isGone()) throw noSuchConnection(connectionId);
    return this.router.invoke(connectionId, target, args);
  }

  async setMember(connectionId: string, group: string, member: boolean): Promise<boolean> {
    if (this.isCaller(connectionId) && this.isGone()) return false;
    return this.router.setMember(connectionId, group, member);
  }

  private isCaller(connectionId: string): boolean {
    return connectionId === this.caller.connectionId;
  }

  private isGone(): boolean {
    return this.router.local.get(this.caller.connectionId) !== this.caller;
  }
}
