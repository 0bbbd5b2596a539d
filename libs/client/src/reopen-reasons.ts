import type { ClosedReason } from './status.js';

/** Why this client gives up a link that works: what the session holds is resumed on the next one. */
export const REOPEN_REASONS = {
  slowConsumer: {
    name: 'slow-consumer',
    message: 'More deliveries of an event wait for their handler than this client keeps; the hub keeps them.',
    final: false,
  },
  unanswered: {
    name: 'timeout',
    message: 'The hub did not say in time what it resumes; it is asked on a new connection.',
    final: false,
  },
  skipped: {
    name: 'closed',
    message: 'Something was delivered that no subscription expected; it is asked for on a new connection.',
    final: false,
  },
} as const satisfies Record<string, ClosedReason>;
