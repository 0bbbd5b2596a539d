import type { EventGuid } from '@ringback/contract';
import type { Action } from '../actions.js';

/** What a client shows when it connects or asks. */
export interface Credentials {
  /** From `auth`, the `Authorization` header or the query, as the protocol has it. */
  readonly token?: string;
  /** The name of the gateway that it connects to or asks. */
  readonly gateway?: string;
}

/** Who somebody is, once authenticated. */
export interface Identity {
  readonly name: string;
  /** The only named subscriber that it may be; absent where it may choose. */
  readonly subscriberId?: string;
  /** Nobody in particular: it may send as many commands a second as a client that has not said who it is. */
  readonly anonymous?: boolean;
  /** A bridge, say: it may send as many commands a second as it likes, and has its idempotency keys together with other bridges. */
  readonly unmetered?: boolean;
  /** When its token ends, in milliseconds since 1970; absent for one without an end. */
  readonly expiresAt?: number;
}

/** Says who may do what. */
export interface AccessPolicy {
  /** Everybody may do everything: clients are not told apart by how much they may send. Absent where access is controlled. */
  readonly isOpen?: boolean;
  /** Rejects with `unauthorized` unless the credentials are good. Called once per connection or HTTP request. */
  authenticate(credentials: Credentials): Promise<Identity>;
  /** Whether the identity may do it. `eventguid` is absent where an action concerns no single event. Must be quick: it stands on every command's path. */
  allows(identity: Identity, action: Action, eventguid?: EventGuid): boolean;
  /** Whether the identity may be this durable subscriber. Absent where everybody may be any, within their own name. */
  allowsSubscriber?(identity: Identity, subscriberId: string): boolean;
}
