import { createHash, randomUUID } from 'node:crypto';
import type { TicketOrigin } from './ticket.js';

const ID_LETTERS = 24;
const TICKET_ID = new RegExp(`^[A-Za-z0-9_-]{${ID_LETTERS}}$`);

/** The same delivery of a hub with positions always has the same id; any other ticket has one of its own. */
export function ticketIdOf({ hub, eventguid, position }: Omit<TicketOrigin, 'cookie'>): string {
  return position === undefined ? freshTicketId() : digestOf(hub, eventguid, position);
}

export function freshTicketId(): string {
  return digestOf(randomUUID());
}

/** Whether it looks like the id of a ticket. */
export function isTicketId(text: string): boolean {
  return TICKET_ID.test(text);
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, ID_LETTERS);
}
