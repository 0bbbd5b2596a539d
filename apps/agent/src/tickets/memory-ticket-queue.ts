import type { Clock, Page } from '@ringback/core';
import { keptPositionOf } from './kept-position.js';
import { MemoryPositions } from './memory-positions.js';
import { MemoryTicket } from './memory-ticket.js';
import type { NewTicket, Ticket, TicketState } from './ticket.js';
import { beingCarriedOut, noSuchTicket, notFailed, queueFull } from './ticket-errors.js';
import { readPage } from './ticket-pages.js';
import type {
  Execute,
  QueueOptions,
  TicketCounts,
  TicketPageRequest,
  TicketQueue,
} from './ticket-queue.port.js';

/** Node's timers take no longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const SWEEP_MS = 1_000;

/** Tickets in the memory of one agent: they end with it. */
export class MemoryTicketQueue implements TicketQueue {
  readonly healthy = true;
  private readonly tickets = new Map<string, MemoryTicket>();
  private readonly positions: MemoryPositions;
  private readonly running = new Set<Promise<void>>();
  private execute: Execute | undefined;
  private cancelTimer: () => void = () => undefined;
  private cancelSweep: () => void = () => undefined;

  constructor(
    private readonly options: QueueOptions,
    private readonly clock: Clock,
  ) {
    this.positions = new MemoryPositions(() => clock.now());
  }

  async add(ticket: NewTicket): Promise<'stored' | 'known'> {
    const position = keptPositionOf(ticket.origin);
    if (this.tickets.has(ticket.id) || (position && this.positions.reaches(position))) return 'known';
    const { waiting, delayed, active } = await this.counts();
    if (waiting + delayed + active >= this.options.mostTickets) throw queueFull();
    this.tickets.set(ticket.id, new MemoryTicket(ticket, this.clock));
    this.work();
    return 'stored';
  }

  async get(id: string): Promise<Ticket | undefined> {
    return this.tickets.get(id)?.view();
  }

  list(request: TicketPageRequest): Promise<Page<Ticket>> {
    return readPage(request, async (state, from, count) =>
      this.inState(state)
        .slice(from, from + count)
        .map((ticket) => ticket.view()),
    );
  }

  async retry(id: string): Promise<void> {
    const ticket = this.find(id);
    if (ticket.state !== 'failed') throw notFailed();
    ticket.renew();
    this.work();
  }

  async remove(id: string): Promise<void> {
    const ticket = this.find(id);
    if (ticket.state === 'active') throw beingCarriedOut();
    this.drop(ticket);
  }

  async counts(): Promise<TicketCounts> {
    const counts = { active: 0, waiting: 0, delayed: 0, failed: 0, done: 0 };
    for (const ticket of this.tickets.values()) counts[ticket.state]++;
    return counts;
  }

  start(execute: Execute): void {
    this.execute = execute;
    this.sweepLater();
    this.work();
  }

  async stop(withinMs: number): Promise<boolean> {
    this.execute = undefined;
    this.cancelTimer();
    this.cancelSweep();
    let cancel: () => void = () => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = this.clock.after(withinMs, () => resolve(false));
    });
    const ended = Promise.all(this.running).then(() => true);
    return Promise.race([ended, late]).finally(() => cancel());
  }

  async close(): Promise<void> {
    this.tickets.clear();
  }

  /** Carries out what is due, and comes back when the next one is. */
  private work(): void {
    this.cancelTimer();
    for (const ticket of this.inState('waiting')) {
      if (!this.execute || this.running.size >= this.options.concurrency) return;
      this.carryOut(ticket, this.execute);
    }
    const [next] = this.inState('delayed');
    if (!next || !this.execute) return;
    const delayMs = Math.min(Math.max(0, next.due - this.clock.now()), LONGEST_TIMER_MS);
    this.cancelTimer = this.clock.after(delayMs, () => this.work());
  }

  private carryOut(ticket: MemoryTicket, execute: Execute): void {
    const run = ticket.carryOut(execute, this.options).then(() => {
      this.running.delete(run);
      this.work();
    });
    this.running.add(run);
  }

  /** In the order of the port's `list`. */
  private inState(state: TicketState): MemoryTicket[] {
    const found = [...this.tickets.values()].filter((ticket) => ticket.state === state);
    if (state === 'failed' || state === 'done')
      return found.reverse().sort((one, other) => other.ended - one.ended);
    return state === 'delayed' ? found.sort((one, other) => one.due - other.due) : found;
  }

  private sweepLater(): void {
    this.cancelSweep = this.clock.after(SWEEP_MS, () => {
      this.sweep();
      this.sweepLater();
    });
  }

  private sweep(): void {
    const { mostFailed, failedAgeMs } = this.options;
    const now = this.clock.now();
    const failed = this.inState('failed');
    const old = failed.filter((ticket, index) => index >= mostFailed || ticket.ended <= now - failedAgeMs);
    const finished = this.inState('done').filter((ticket) => (ticket.view().deleteTime ?? now) <= now);
    for (const ticket of [...old, ...finished]) this.drop(ticket);
  }

  private drop(ticket: MemoryTicket): void {
    const position = keptPositionOf(ticket.made.origin);
    if (position) this.positions.remember(position);
    this.tickets.delete(ticket.made.id);
  }

  private find(id: string): MemoryTicket {
    const ticket = this.tickets.get(id);
    if (!ticket) throw noSuchTicket();
    return ticket;
  }
}
