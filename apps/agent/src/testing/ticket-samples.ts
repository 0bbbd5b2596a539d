import { ticketIdOf, freshTicketId } from '../tickets/ticket-id.js';
import type { NewTicket } from '../tickets/ticket.js';
import type { QueueOptions } from '../tickets/ticket-queue.port.js';

export const QUEUE_OPTIONS: QueueOptions = {
  concurrency: 4,
  leaseMs: 10_000,
  attempts: 3,
  minDelayMs: 10,
  maxDelayMs: 40,
  mostTickets: 100,
  mostFailed: 100,
  failedAgeMs: 3_600_000,
};

export function makeTicket(fields: Partial<NewTicket> = {}): NewTicket {
  return {
    id: freshTicketId(),
    viewModel: 'Alarm',
    rootId: '7',
    keepReceiptMinutes: 10,
    created: Date.now(),
    data: '',
    ...fields,
  };
}

/** As a delivery of a hub with positions makes it. */
export function makeDelivered(position: string, fields: Partial<NewTicket> = {}): NewTicket {
  const origin = { hub: 'main', eventguid: 'door', cookie: 'Viewmodel=Alarm&RootId=7', position };
  return makeTicket({ id: ticketIdOf(origin), origin, ...fields });
}
