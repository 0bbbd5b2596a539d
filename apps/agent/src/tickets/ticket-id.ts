import { createHash, randomUUID } from 'node:crypto';
import type { TicketOrigin } from './ticket.js';

const ID_LETTERS = 24;

/** The same delivery of a hub with positions always has the same id; any other ticket has one of its own. */
export function ticketIdOf({ hub, eventguid, position }: Omit<TicketOrigin, 'cookie'>): string {
  return position === undefined ? freshTicketId() : digestOf(hub, eventguid, position);
}

export function freshTicketId(): string {
  return digestOf(randomUUID());
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, ID_LETTERS);
}
