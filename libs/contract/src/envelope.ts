import type { EventGuid } from './eventguid.js';
import type { Position } from './position.js';

/** The content of a trigger, opaque to the hub: text, or bytes. Absent is `''`. */
export type Data = string | Uint8Array;

/** What whoever triggers says about the data. All of it travels unchanged. */
export interface Labels {
  /** Optional name of the event within its eventguid (the CloudEvents `type`). */
  readonly type?: string;
  readonly contentType?: string;
  readonly source?: string;
  readonly id?: string;
  /**
   * Where this was first triggered, if it came from another hub: `<cluster>/<epoch>:<offset>`. A hub whose cluster it names need not publish it again: it
   * has come round.
   */
  readonly origin?: string;
  /** How long a client of an event stream waits before it comes back, once it has this. Other protocols have no word for it. */
  readonly retryMs?: number;
}

/** The immutable record of one accepted trigger: what is kept, relayed and delivered. */
export interface Envelope extends Labels {
  readonly eventguid: EventGuid;
  readonly position: Position;
  readonly data: Data;
  /** When the relay accepted the trigger, in milliseconds since 1970. */
  readonly time: number;
  /** Whether it ends every subscription that it is delivered to. */
  readonly oneShot: boolean;
}
