import { HubError, parseOptions } from '@ringback/contract';
import { TICKET_STATES } from '../tickets/ticket.js';
import type { TicketPageRequest } from '../tickets/ticket-queue.port.js';

const DEFAULT_LIMIT = 100;
const MOST = 1_000;

/** Which tickets a query asks for. Throws `bad-request`. */
export function readTicketQuery(query: unknown): TicketPageRequest {
  const { state, hub, viewModel, cursor, limit } = parseOptions(query, [
    'state',
    'hub',
    'viewModel',
    'cursor',
    'limit',
  ]);
  const known = TICKET_STATES.find((candidate) => candidate === state);
  if (state !== undefined && !known)
    throw new HubError('bad-request', `state is none of ${TICKET_STATES.join(', ')}.`);
  return {
    limit: readLimit(limit),
    ...(known && { state: known }),
    ...textOf('hub', hub),
    ...textOf('viewModel', viewModel),
    ...textOf('cursor', cursor),
  };
}

function textOf<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: string } {
  if (value === undefined) return {};
  if (typeof value !== 'string') throw new HubError('bad-request', `${name} is given more than once.`);
  return { [name]: value } as { readonly [key in Name]?: string };
}

function readLimit(value: unknown): number {
  if (value === undefined) return DEFAULT_LIMIT;
  const limit = typeof value === 'string' && /^[0-9]{1,4}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > MOST)
    throw new HubError('bad-request', `limit is not a number from 1 to ${MOST}.`);
  return limit;
}
