import type { CloseReasonName, ErrorCode } from '@ringback/contract';

/** Why a connection ended: the hub's reason, or `'client'` where the other side went. */
export type DisconnectReason = CloseReasonName | 'client';

/** Why a client is not read from for a while: commands that wait for replies, replies that wait for it, or more commands a second than it may send. */
export type PauseCause = 'window' | 'unread' | 'rate';

/** What the core counts. Gauges are not here: they are read from `Hub.figures`. */
export interface Metrics {
  /** A trigger was accepted on this node. */
  triggered(): void;
  /** The relay brought one envelope, `delayMs` after it was accepted. */
  relayed(delayMs: number): void;
  /** One envelope was handed to the outboxes of so many subscriptions. */
  delivered(subscriptions: number): void;
  connected(gateway: string): void;
  disconnected(gateway: string, reason: DisconnectReason): void;
  /** A connection was closed because too much was waiting for all connections of the node together. */
  evicted(): void;
  /** A client of the gateway is not read from, until `resumed` says for how long it was. */
  paused(gateway: string, cause: PauseCause): void;
  resumed(gateway: string, cause: PauseCause, pausedMs: number): void;
  /** A client of the gateway went too far with what it sent, admitted or not, and is closed for it. */
  exceeded(gateway: string, reason: CloseReasonName): void;
  /** A command was answered with an error. */
  failed(code: ErrorCode): void;
  /** Offsets were missing between two envelopes; `filled` if the kept history had them. */
  gap(filled: boolean): void;
  /** A subscriber came back with its last position. */
  recovered(recovered: boolean): void;
  /** Subscriptions of nodes found dead were removed. */
  swept(subscriptions: number): void;
}
