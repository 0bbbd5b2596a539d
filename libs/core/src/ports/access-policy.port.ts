import type { EventGuid } from '@ringback/contract';

/** What a client shows when it connects or asks. */
export interface Credentials {
  /** From `auth`, the `Authorization` header or the query, as the protocol has it. */
  readonly token?: string;
}

/** Who somebody is, once authenticated. */
export interface Identity {
  readonly name: string;
  /** The only named subscriber that it may be; absent where it may choose. */
  readonly subscriberId?: string;
}

export type Action = 'subscribe' | 'trigger' | 'operate';

/** Says who may do what. */
export interface AccessPolicy {
  /** Rejects with `unauthorized` unless the credentials are good. Called once per connection or HTTP request. */
  authenticate(credentials: Credentials): Promise<Identity>;
  /** Whether the identity may do it. `eventguid` is absent where an action concerns no single event. Must be quick: it stands on every command's path. */
  allows(identity: Identity, action: Action, eventguid?: EventGuid): boolean;
}
