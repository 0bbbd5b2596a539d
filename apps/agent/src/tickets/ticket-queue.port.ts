import type { Page } from '@ringback/core';
import type { NewTicket, Ticket, TicketState } from './ticket.js';

/** Carries a ticket out. What it throws becomes the `Error` of the ticket; a `FinalError` is not tried again. */
export type Execute = (ticket: Ticket) => Promise<void>;

/** Which tickets an operator wants to see. */
export interface TicketPageRequest {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  readonly state?: TicketState;
  readonly hub?: string;
  readonly viewModel?: string;
}

export type TicketCounts = Readonly<Record<TicketState, number>>;

/**
 * Keeps tickets and has each carried out, by one of the agents that share it. At least once: what an agent was at when it died is begun again
 * by another. Everything rejects with `relay-unavailable` while the store does not
 * answer, and with `cluster-refuses-writes` while it refuses.
 */
export interface TicketQueue {
  /**
   * Resolves once the ticket is kept: `known` if that id, or a later position of the same event and epoch, was kept before, even if it
   * is removed by now. Rejects with `too-many-commands` while there are as many unfinished tickets as may be.
   */
  add(ticket: NewTicket): Promise<'stored' | 'known'>;
  get(id: string): Promise<Ticket | undefined>;
  /** Failed and done tickets: the latest first; others in the order in which they are due. */
  list(request: TicketPageRequest): Promise<Page<Ticket>>;
  /** Has a failed ticket carried out anew, with all its attempts. Rejects with `not-found`, or `bad-request` if it has not failed. */
  retry(id: string): Promise<void>;
  /** Removes a ticket. Rejects with `not-found`, or `bad-request` while it is being carried out. */
  remove(id: string): Promise<void>;
  counts(): Promise<TicketCounts>;
  /** Begins to carry tickets out, as many at a time as configured. */
  start(execute: Execute): void;
  /** Begins no more. Resolves to whether all that were under way have ended in that time; the others are begun again elsewhere. */
  stop(withinMs: number): Promise<boolean>;
  /** Gives up what it holds. Whoever made it closes it, after `stop`. */
  close(): Promise<void>;
  /** Whether tickets can be kept at this moment. */
  readonly healthy: boolean;
  /** The store's own word for why it keeps none, `OOM` for instance; `undefined`, or absent, as long as it does. */
  readonly refusal?: string | undefined;
}

/** How a queue goes about its work. */
export interface QueueOptions {
  /** Tickets that one agent carries out at a time. */
  readonly concurrency: number;
  /** After so long without a sign of life of its agent, another begins a ticket again. */
  readonly leaseMs: number;
  /** Attempts before a ticket has failed. */
  readonly attempts: number;
  /** Bounds of the delay before the next attempt, which doubles. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Most unfinished tickets. */
  readonly mostTickets: number;
  /** Most failed tickets that are kept; the oldest go first. */
  readonly mostFailed: number;
  /** How long failed tickets are kept. */
  readonly failedAgeMs: number;
}
