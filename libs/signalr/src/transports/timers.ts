import type { Timers as AllTimers } from '../timers.js';

/** As much of a clock as transports need. */
export type Timers = Pick<AllTimers, 'nowMs' | 'after'>;
