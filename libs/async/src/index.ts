export { Backoff, type BackoffOptions } from './backoff.js';
export { Deferred } from './deferred.js';
export { delay } from './delay.js';
export { KeyedQueue } from './keyed-queue.js';
export { StopSignals, type StopSignal } from './stop-signals.js';
export { TurnBudget, type TurnClock } from './turn-budget.js';
export { withTimeout } from './with-timeout.js';
