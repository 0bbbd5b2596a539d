import type { Job, JobState, JobType } from 'bullmq';
import { deleteTimeOf, type NewTicket, type Ticket, type TicketState } from './ticket.js';

const TYPES = {
  active: ['active'],
  waiting: ['waiting', 'prioritized'],
  delayed: ['delayed'],
  failed: ['failed'],
  done: ['completed'],
} as const satisfies Record<TicketState, readonly JobType[]>;

/** BullMQ's names for a state. */
export function typesOf(state: TicketState): readonly JobType[] {
  return TYPES[state];
}

export function stateOf(type: JobState | 'unknown'): TicketState | undefined {
  const states = Object.keys(TYPES) as TicketState[];
  return states.find((state) => typesOf(state).includes(type as JobType));
}

/** A job as the ticket that it carries. */
export function viewJob(job: Job<NewTicket>, state: TicketState): Ticket {
  const { data, attemptsMade, finishedOn, failedReason } = job;
  const done = state === 'done' ? finishedOn : undefined;
  return {
    ...data,
    state,
    attempts: attemptsMade,
    ...(done !== undefined && { done, deleteTime: deleteTimeOf(done, data) }),
    ...(state !== 'done' && failedReason && { error: failedReason }),
  };
}
