import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { TICKET_STATES } from './tickets/ticket.js';
import type { TicketCounts } from './tickets/ticket-queue.port.js';

/** From a call on one machine to a long report, in seconds. */
const DURATION_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** How one attempt at a ticket ended; `refused` is not tried again. */
export type AttemptResult = 'done' | 'failed' | 'refused';

/** What became of one delivery. */
export type DeliveryResult = 'stored' | 'known' | 'unwanted' | 'failed' | 'lost';

/** What the agent counts, for Prometheus. */
export class AgentMetrics {
  readonly registry = new Registry();
  private readCounts: () => Promise<TicketCounts | undefined> = async () => undefined;

  private readonly deliveries = new Counter({
    name: 'ringback_agent_deliveries_total',
    help: 'Deliveries by what became of them: a ticket, one that was there already, none as nobody wants it any more, a failure after which it comes again, or lost.',
    labelNames: ['hub', 'result'] as const,
    registers: [this.registry],
  });
  private readonly attempts = new Histogram({
    name: 'ringback_agent_attempt_seconds',
    help: 'Attempts at tickets, by how they ended.',
    labelNames: ['result'] as const,
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });
  private readonly connected = new Gauge({
    name: 'ringback_agent_hub_connected',
    help: 'Whether this agent is connected to the hub: 1 or 0. Of several agents one is.',
    labelNames: ['hub'] as const,
    registers: [this.registry],
  });

  constructor() {
    const tickets: Gauge<'state'> = new Gauge({
      name: 'ringback_agent_tickets',
      help: 'Tickets in the queue, which all agents share; absent while it does not answer.',
      labelNames: ['state'] as const,
      registers: [this.registry],
      collect: async () => {
        const counts = await this.readCounts();
        tickets.reset();
        for (const state of TICKET_STATES) if (counts) tickets.set({ state }, counts[state]);
      },
    });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Sets where the numbers of tickets are read from at each scrape. */
  readTickets(counts: () => Promise<TicketCounts | undefined>): void {
    this.readCounts = counts;
  }

  delivered(hub: string, result: DeliveryResult): void {
    this.deliveries.inc({ hub, result });
  }

  attemptBegan(): (result: AttemptResult) => void {
    const end = this.attempts.startTimer();
    return (result) => {
      end({ result });
    };
  }

  connection(hub: string, isConnected: boolean): void {
    this.connected.set({ hub }, Number(isConnected));
  }
}
