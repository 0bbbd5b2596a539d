import type { OpeningRequest } from '../client-connection.js';
import type { CallerClients } from './hub-clients.js';
import type { HubGroups } from './hub-groups.js';

/** What a hub method knows about its caller, and how it reaches others. */
export interface HubContext {
  readonly connectionId: string;
  /** Who the access policy said it is. */
  readonly user: unknown;
  readonly userId: string | undefined;
  /** Whatever the hub wants to remember about the connection, as long as it lasts. */
  readonly items: Map<string, unknown>;
  readonly opening: OpeningRequest;
  readonly transport: string;
  readonly protocol: string;
  /** Whether the client waits for what becomes of this call: an error reaches it by itself. */
  readonly awaited: boolean;
  /** Aborted when the client goes, or cancels the stream that this call is. */
  readonly signal: AbortSignal;
  readonly clients: CallerClients;
  readonly groups: HubGroups;
  /** Sends the client away for good. */
  abort(): void;
}
