import { HubError } from '@ringback/contract';
import type { Page } from '@ringback/core';
import { TICKET_STATES, type Ticket, type TicketState } from './ticket.js';
import type { TicketPageRequest } from './ticket-queue.port.js';

/** Tickets of one state from an index on, as many as there are up to a number; `undefined` for those removed just now. */
export type TicketSlice = (
  state: TicketState,
  from: number,
  count: number,
) => Promise<readonly (Ticket | undefined)[]>;

/** Most tickets that one request looks at: where few match, pages are short and there are more of them. */
const LOOKED_AT = 1_000;
const SLICE = 100;

const CURSOR = new RegExp(`^(${TICKET_STATES.join('|')}):([0-9]{1,9})$`);

/** Reads a page: state after state, with those left out that were not asked for. */
export async function readPage(request: TicketPageRequest, slice: TicketSlice): Promise<Page<Ticket>> {
  const states: readonly TicketState[] = request.state ? [request.state] : TICKET_STATES;
  let { state, index } = startOf(request, states);
  const items: Ticket[] = [];
  for (let looked = 0; looked < LOOKED_AT && items.length < request.limit;) {
    const wanted = Math.min(SLICE, request.limit - items.length);
    const found = await slice(state, index, wanted);
    for (const ticket of found) if (ticket && matches(ticket, request)) items.push(ticket);
    looked += Math.max(1, found.length);
    index += found.length;
    if (found.length === wanted) continue;
    const following = states[states.indexOf(state) + 1];
    if (following === undefined) return { items };
    [state, index] = [following, 0];
  }
  return { items, next: `${state}:${index}` };
}

function startOf(
  { cursor }: TicketPageRequest,
  states: readonly TicketState[],
): { state: TicketState; index: number } {
  const match = CURSOR.exec(cursor ?? `${states[0]}:0`);
  const state = states.find((candidate) => candidate === match?.[1]);
  if (!state) throw new HubError('bad-request', 'The cursor is not one that this list has answered.');
  return { state, index: Number(match?.[2]) };
}

function matches({ origin, viewModel }: Ticket, request: TicketPageRequest): boolean {
  if (request.hub !== undefined && origin?.hub !== request.hub) return false;
  return request.viewModel === undefined || viewModel === request.viewModel;
}
