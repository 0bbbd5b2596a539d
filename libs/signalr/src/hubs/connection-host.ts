import type { CallScope } from './call-scope.js';
import type { HubContext } from './hub-context.js';
import type { Hub } from './hub-definition.js';
import type { HubOptions } from './hub-options.js';

/** What a connection needs of its hub. */
export interface ConnectionHost<Connection> {
  readonly hub: Hub;
  readonly options: HubOptions;
  context(connection: Connection, scope: CallScope): HubContext;
  /** From now on it is sent what the hub sends. */
  onOpened(connection: Connection): void;
  /** It has nothing more to send or to receive. */
  onEnded(connection: Connection): void;
}
