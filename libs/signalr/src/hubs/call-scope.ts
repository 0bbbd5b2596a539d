import type { HubContext } from './hub-context.js';
import type { Hub } from './hub-definition.js';
import type { HubOptions } from './hub-options.js';
import type { Slot } from './invocation-slots.js';

/** What one call, or one hook, may do beyond others. */
export interface CallScope {
  readonly signal: AbortSignal;
  readonly slot?: Slot | undefined;
  /** Whether the client waits for what becomes of the call. */
  readonly awaited: boolean;
  /** Asking clients for results is refused while the connection opens: its answers are not read yet. */
  readonly mayInvoke: boolean;
}

/** What the calls and the hooks of one connection need of it. */
export interface ScopeHost {
  readonly hub: Hub;
  readonly options: HubOptions;
  /** Aborted when the client goes. */
  readonly signal: AbortSignal;
  readonly context: (scope: CallScope) => HubContext;
  /** The client has called what there is not, or with other arguments. */
  readonly onUnboundCall: () => void;
  readonly warn: (message: string, error: unknown) => void;
}
