import type { Ticket } from '../tickets/ticket.js';

/** Carries out tickets of a ViewModel. What it throws is tried again, except for a `FinalError`. Gives up when the signal says so. */
export type Handler = (ticket: Ticket, signal: AbortSignal) => Promise<void>;

/** A handler and how long it may take. */
export interface TimedHandler {
  readonly handle: Handler;
  readonly timeoutMs: number;
}

/** Handlers by ViewModel, compared exactly; `*` stands for all others. */
export type Handlers = ReadonlyMap<string, TimedHandler>;

/** The name that stands for every ViewModel without a handler of its own. */
export const ANY_VIEW_MODEL = '*';
