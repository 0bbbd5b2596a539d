import type { HubProtocol } from '../protocols/hub-protocol.js';
import type { HubMessage } from '../protocols/messages.js';
import type { CallScope } from './call-scope.js';
import type { HubContext } from './hub-context.js';
import type { Hub } from './hub-definition.js';
import type { HubOptions } from './hub-options.js';

/** What the calls of one connection need of it. */
export interface CallHost {
  readonly hub: Hub;
  readonly protocol: HubProtocol;
  readonly options: HubOptions;
  readonly signal: AbortSignal;
  /** Throws when the message cannot be written; settles when there is room for more. */
  send(message: HubMessage): Promise<void> | undefined;
  /** Like `send`, and settles only once the client keeps up. */
  sendPaced(message: HubMessage): Promise<void> | undefined;
  context(scope: Omit<CallScope, 'mayInvoke'>): HubContext;
  onUnboundCall(): void;
  warn(message: string, error: unknown): void;
}
