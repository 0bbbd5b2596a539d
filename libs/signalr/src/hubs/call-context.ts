import type { OpeningRequest } from '../client-connection.js';
import type { CallScope } from './call-scope.js';
import { CallerRoutes } from './caller-routes.js';
import { callerClients, type AroundInvoke, type CallerClients } from './hub-clients.js';
import type { HubConnection } from './hub-connection.js';
import type { HubContext } from './hub-context.js';
import { hubGroups, type HubGroups } from './hub-groups.js';
import type { HubRouter } from './hub-router.js';

/** The context of one call or hook: its connection, and what this call may do. */
export class CallContext implements HubContext {
  private readonly routes: CallerRoutes;
  private reachable: CallerClients | undefined;

  constructor(
    private readonly connection: HubConnection,
    private readonly scope: CallScope,
    router: HubRouter,
  ) {
    this.routes = new CallerRoutes(router, connection);
  }

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

  get awaited(): boolean {
    return this.scope.awaited;
  }

  get signal(): AbortSignal {
    return this.scope.signal;
  }

  get clients(): CallerClients {
    this.reachable ??= callerClients(this.routes, this.connectionId, this.aroundInvoke);
    return this.reachable;
  }

  get groups(): HubGroups {
    return hubGroups(this.routes);
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
