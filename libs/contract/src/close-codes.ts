/** Why the hub closes a connection, and whether its client is to come back. */
export interface CloseReason {
  /** A WebSocket close code of the private range (RFC 6455 §7.4.2): 4000–4499 reconnect, 4500–4999 do not. */
  readonly code: number;
  readonly name: string;
  readonly message: string;
}

/** Every close reason. The range of the code alone tells an unknown client whether to reconnect. */
export const CLOSE_REASONS = {
  'slow-consumer': {
    code: 4001,
    name: 'slow-consumer',
    message: 'The connection reads more slowly than its events arrive; reconnect and recover.',
  },
  draining: { code: 4002, name: 'draining', message: 'The node is stopping; reconnect and recover.' },
  'too-many-connections': {
    code: 4003,
    name: 'too-many-connections',
    message: 'The node holds as many connections as it may; reconnect later.',
  },
  'session-acquire-failed': {
    code: 4004,
    name: 'session-acquire-failed',
    message: 'The session could not be acquired or resumed; reconnect.',
  },
  'offline-session-limit': {
    code: 4005,
    name: 'offline-session-limit',
    message: 'The cluster has reached its limit of offline sessions; reconnect later.',
  },
  'replies-unread': {
    code: 4006,
    name: 'replies-unread',
    message: 'The connection sends commands and does not read their replies; reconnect and recover.',
  },
  'connect-timeout': {
    code: 4007,
    name: 'connect-timeout',
    message: 'The connection did not say in time who it is; reconnect.',
  },
  unauthorized: { code: 4500, name: 'unauthorized', message: 'The credentials are missing or not valid.' },
  'closed-by-operator': {
    code: 4501,
    name: 'closed-by-operator',
    message: 'An operator closed the connection.',
  },
  'session-taken-over': {
    code: 4502,
    name: 'session-taken-over',
    message: 'A newer connection took the session over.',
  },
  'too-many-invalid-commands': {
    code: 4503,
    name: 'too-many-invalid-commands',
    message: 'The connection sent too many commands that are invalid or forbidden.',
  },
  'too-many-refusals': {
    code: 4504,
    name: 'too-many-refusals',
    message: 'The connection was refused too often on one socket.',
  },
} as const satisfies Record<string, CloseReason>;

export type CloseReasonName = keyof typeof CLOSE_REASONS;

/** The first close code that tells a client not to come back by itself. */
const FIRST_FINAL_CODE = 4500;

export function mayReconnect(reason: Pick<CloseReason, 'code'>): boolean {
  return reason.code < FIRST_FINAL_CODE;
}
