import type { Ticket } from './ticket.js';

/** A ticket as others see it: the attributes of a SysAsyncTicket under their own names, everything else beside them. */
export interface TicketDocument {
  readonly id: string;
  readonly ViewModel: string;
  readonly RootId: string;
  readonly ExecuteEarliest: string | null;
  readonly KeepReceiptMinutes: number;
  readonly Done: string | null;
  readonly DeleteTime: string | null;
  readonly Error: string | null;
  readonly state: Ticket['state'];
  readonly attempts: number;
  readonly created: string;
  readonly data: string;
  readonly encoding?: 'base64';
  readonly hub?: string;
  readonly eventguid?: string;
  readonly cookie?: string;
  readonly position?: string;
}

export function documentOf(ticket: Ticket): TicketDocument {
  const { id, viewModel, rootId, keepReceiptMinutes, state, attempts, data, encoding, origin } = ticket;
  return {
    id,
    ViewModel: viewModel,
    RootId: rootId,
    ExecuteEarliest: textOf(ticket.executeEarliest),
    KeepReceiptMinutes: keepReceiptMinutes,
    Done: textOf(ticket.done),
    DeleteTime: textOf(ticket.deleteTime),
    Error: ticket.error ?? null,
    state,
    attempts,
    created: new Date(ticket.created).toISOString(),
    data,
    ...(encoding && { encoding }),
    ...origin,
  };
}

function textOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
