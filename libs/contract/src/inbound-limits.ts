/** How much of what clients send one node works on at a time. A client that sends more is not read from for a while: nothing is refused or closed for it. */
export interface InboundLimits {
  /** Most commands of one connection that wait for a reply before its socket is paused. */
  readonly commandsPerConnection: number;
  /** Most bytes of those commands. */
  readonly commandBytesPerConnection: number;
  /** Commands that are begun at once in a turn of the event loop, of all connections together; of one connection in each later turn. */
  readonly commandsPerTurn: number;
  /** Bytes that a client may leave unread before its next replies wait with it. */
  readonly unreadReplyBytes: number;
  /** How long it may leave them unread before it is closed with `replies-unread`. */
  readonly unreadReplyMs: number;
  /** Commands a second of a client that has not said who it is, where access is controlled. */
  readonly anonymousCommandsPerSecond: number;
  readonly anonymousCommandBurst: number;
  /** Commands a second of a client whose identity is known. */
  readonly commandsPerSecond: number;
  readonly commandBurst: number;
  /** So many invalid or forbidden commands within `invalidCommandWindowMs` close a connection with `too-many-invalid-commands`. */
  readonly invalidCommands: number;
  readonly invalidCommandWindowMs: number;
  /** So many refused attempts to connect on one socket close it. */
  readonly refusedConnects: number;
  /** How long a client may take from the opening of its transport until it has said who it is. */
  readonly connectTimeoutMs: number;
}

export const DEFAULT_INBOUND_LIMITS: InboundLimits = {
  commandsPerConnection: 256,
  commandBytesPerConnection: 1024 * 1024,
  commandsPerTurn: 32,
  unreadReplyBytes: 256 * 1024,
  unreadReplyMs: 30_000,
  anonymousCommandsPerSecond: 500,
  anonymousCommandBurst: 2_000,
  commandsPerSecond: 5_000,
  commandBurst: 10_000,
  invalidCommands: 100,
  invalidCommandWindowMs: 10_000,
  refusedConnects: 3,
  connectTimeoutMs: 10_000,
};
