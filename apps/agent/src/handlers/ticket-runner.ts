import type { Log } from '@ringback/core';
import type { AgentMetrics } from '../agent-metrics.js';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket } from '../tickets/ticket.js';
import { ANY_VIEW_MODEL, type Handlers, type TimedHandler } from './handler.js';

/** Carries tickets out: finds the handler of the ViewModel, limits its time, counts what comes of it. */
export class TicketRunner {
  constructor(
    private readonly handlers: Handlers,
    private readonly metrics: AgentMetrics,
    private readonly log: Log,
  ) {}

  /** Rejects with why it failed; with a `FinalError` where another attempt is of no use. */
  async run(ticket: Ticket): Promise<void> {
    const endOf = this.metrics.attemptBegan();
    try {
      await inTime(this.handlerOf(ticket), ticket);
      endOf('done');
    } catch (error) {
      const isFinal = error instanceof FinalError;
      endOf(isFinal ? 'refused' : 'failed');
      // Its words stand on the ticket: they may hold what is the cookie's.
      const { id, attempts, origin } = ticket;
      const fields = { ticketId: id, hub: origin?.hub, eventguid: origin?.eventguid, attempt: attempts + 1 };
      this.log.warn('attempt at a ticket failed', { ...fields, isHopeless: isFinal });
      throw error;
    }
  }

  private handlerOf({ viewModel, flaw }: Ticket): TimedHandler {
    if (flaw !== undefined) throw new FinalError(flaw);
    const handler = this.handlers.get(viewModel) ?? this.handlers.get(ANY_VIEW_MODEL);
    if (!handler) throw new FinalError(`The ViewModel ${JSON.stringify(viewModel)} is unknown.`);
    return handler;
  }
}

/** A function that does not heed the signal goes on unheard, and its ticket with the next attempt. */
async function inTime({ handle, timeoutMs }: TimedHandler, ticket: Ticket): Promise<void> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`The handler took longer than ${timeoutMs} ms.`);
      abort.abort(error);
      reject(error);
    }, timeoutMs);
  });
  try {
    await Promise.race([handle(ticket, abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
