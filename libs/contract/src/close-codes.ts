/** Why the hub closes a connection, and whether its client is to come back. */
export interface CloseReason {
  /** A WebSocket close code of the private range (RFC 6455 §7.4.2): 4000–4499 reconnect, 4500–4999 do not. */
  readonly code: number;
  readonly name: string;
  readonly message: string;
}

/** Every close reason. The range of the code alone tells an unknown client whether to reconnect. */
export const CLOSE_REASONS = {
  overrun: {
    code: 4001,
    name: 'overrun',
    message: 'The connection reads more slowly than its events arrive; reconnect and recover.',
  },
  draining: { code: 4002, name: 'draining', message: 'The node is stopping; reconnect and recover.' },
  'too-many-connections': {
    code: 4003,
    name: 'too-many-connections',
    message: 'The node holds as many connections as it may; reconnect later.',
  },
  'session-unavailable': {
    code: 4004,
    name: 'session-unavailable',
    message: 'The session could not be taken or resumed; reconnect.',
  },
  'too-many-sessions': {
    code: 4005,
    name: 'too-many-sessions',
    message: 'The cluster keeps as many sessions as it may; reconnect later.',
  },
  unauthorized: { code: 4500, name: 'unauthorized', message: 'The credentials are missing or not valid.' },
  removed: { code: 4501, name: 'removed', message: 'An operator closed the connection.' },
  replaced: { code: 4502, name: 'replaced', message: 'A newer connection took the session over.' },
} as const satisfies Record<string, CloseReason>;

export type CloseReasonName = keyof typeof CLOSE_REASONS;

/** The first close code that tells a client not to come back by itself. */
const FIRST_FINAL_CODE = 4500;

export function mayReconnect(reason: Pick<CloseReason, 'code'>): boolean {
  return reason.code < FIRST_FINAL_CODE;
}
