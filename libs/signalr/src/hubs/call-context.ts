import type { OpeningRequest } from '../client-connection.js';
import { callerClients, type AroundInvoke, type CallerClients } from './hub-clients.js';
import type { CallScope, HubConnection } from './hub-connection.js';
import type { HubContext } from './hub-context.js';
import { hubGroups, type HubGroups } from './hub-groups.js';
import type { HubRouter } from './hub-router.js';

/** The context of one call or hook: its connection, and what this call may do. */
export class CallContext implements HubContext {
  private reachable: CallerClients | undefined;

  constructor(
    private readonly connection: HubConnection,
    private readonly scope: CallScope,
    private readonly router: HubRouter,
  ) {}

  get connectionId(): string {
    return this.connection.connectionId;
  }

  get user(): unknown {
    return this.connection.transport.user;
  }

  get userId(): string | undefined {
    return this.connection.userId;
  }

  get items(): Map<string, unknown> {
    return this.connection.items;
  }

  get opening(): OpeningRequest {
    return this.connection.transport.opening;
  }

  get transport(): string {
    return this.connection.transport.transport;
  }

  get protocol(): string {
    return this.connection.protocol?.name ?? '';
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  get clients(): CallerClients {
    this.reachable ??= callerClients(this.router, this.connectionId, this.aroundInvoke);
    return this.reachable;
  }

  get groups(): HubGroups {
    return hubGroups(this.router);
  }

  abort(): void {
    this.connection.leave(false);
  }

  // The answer may be behind other calls of the same client, so those must be able to run.
  private readonly aroundInvoke: AroundInvoke = (ask) => {
    if (!this.scope.mayInvoke) {
      return Promise.reject(new Error('Client results inside OnConnectedAsync Hub methods are not allowed.'));
    }
    this.scope.slot?.free();
    return ask();
  };
}
