/** What may be done to single events. */
export const EVENT_ACTIONS = ['subscribe', 'trigger', 'oneShot', 'presence', 'history'] as const;

/** What operators may do. */
export const OPERATOR_ACTIONS = ['read', 'subscriptions', 'connections', 'drain', 'revoke'] as const;

/**
 * `subscribe` includes recovery and acknowledging, `trigger` is without `removeAfterSend`, which is `oneShot` and needs both. `presence` is to see who else
 * subscribes, and to be seen. `history` is to read what is kept of an event at will.
 */
export type EventAction = (typeof EVENT_ACTIONS)[number];

/** `read` is to look, also at what is kept of events; `subscriptions` and `connections` are to end them. */
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

export type Action = EventAction | OperatorAction;
