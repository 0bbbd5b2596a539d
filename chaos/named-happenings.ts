/** One connection of a named subscriber; its number says which came later. */
export interface OfConnection {
  readonly subscriber: string;
  readonly connection: number;
}

export interface Connecting extends OfConnection {
  readonly kind: 'connecting';
  readonly resume: 'on-connect' | 'on-subscribe';
}
export interface Connected extends OfConnection {
  readonly kind: 'connected';
  readonly nodeId: string;
}
/** It is gone, whoever ended it. */
export interface Disconnected extends OfConnection {
  readonly kind: 'disconnected';
  readonly why: string;
}
/** The hub said that a newer connection has taken the session. */
export interface Replaced extends OfConnection {
  readonly kind: 'replaced';
}

export interface Acknowledging extends OfConnection {
  readonly kind: 'acknowledging';
  readonly acknowledgement: number;
  readonly eventguid: string;
  readonly position: string;
}
/** The hub has noted it. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly acknowledgement: number;
}
/** The hub refused it, or its answer was lost. */
export interface NotAcknowledged {
  readonly kind: 'not-acknowledged';
  readonly acknowledgement: number;
  readonly code: string;
}

/** Which sessions the hub says are away, and whose subscribers are. */
export interface SessionsListed {
  readonly kind: 'sessions';
  readonly listed: readonly string[];
  readonly away: readonly string[];
}

export type NamedHappening =
  | Connecting
  | Connected
  | Disconnected
  | Replaced
  | Acknowledging
  | Acknowledged
  | NotAcknowledged
  | SessionsListed;
