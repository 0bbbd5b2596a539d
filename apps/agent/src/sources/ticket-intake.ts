import { readCookie } from './view-model-cookie.js';
import type { AgentMetrics } from '../agent-metrics.js';
import { ticketIdOf } from '../tickets/ticket-id.js';
import type { NewTicket } from '../tickets/ticket.js';
import type { TicketQueue } from '../tickets/ticket-queue.port.js';
import type { SourceDelivery } from './hub-source.port.js';
import type { BookEntry, SubscriptionBook } from './subscription-book.port.js';

/** Makes a ticket of each delivery. */
export class TicketIntake {
  constructor(
    private readonly queue: TicketQueue,
    private readonly book: SubscriptionBook,
    private readonly metrics: AgentMetrics,
  ) {}

  /**
   * Resolves once the ticket is stored, and to the entry that it was made by if the subscription is over with it. What nobody wants any more
   * becomes no ticket. A delivery that comes again is known by its id.
   */
  async take(hub: string, delivery: SourceDelivery): Promise<BookEntry | undefined> {
    try {
      return await this.store(hub, delivery);
    } catch (error) {
      this.metrics.delivered(hub, 'failed');
      throw error;
    }
  }

  private async store(hub: string, delivery: SourceDelivery): Promise<BookEntry | undefined> {
    const entry = await this.book.get(hub, delivery.eventguid);
    if (!entry || entry.state === 'ending') {
      this.metrics.delivered(hub, 'unwanted');
      return undefined;
    }
    this.metrics.delivered(hub, await this.queue.add(makeTicket(hub, delivery, entry)));
    return delivery.ended || entry.once ? entry : undefined;
  }
}

function makeTicket(hub: string, delivery: SourceDelivery, { keepReceiptMinutes }: BookEntry): NewTicket {
  const { eventguid, cookie, data, encoding, position } = delivery;
  const origin = { hub, eventguid, cookie, ...(position !== undefined && { position }) };
  const read = readCookie(cookie);
  return {
    id: delivery.ticketId ?? ticketIdOf(origin),
    ...('flaw' in read ? { viewModel: '', rootId: '', flaw: read.flaw } : read),
    keepReceiptMinutes,
    created: Date.now(),
    data,
    ...(encoding && { encoding }),
    origin,
  };
}
