/** How far a ticket has come. `delayed` waits for its time or for the next attempt, `failed` for an operator. */
export type TicketState = (typeof TICKET_STATES)[number];

export const TICKET_STATES = ['active', 'waiting', 'delayed', 'failed', 'done'] as const;

/** How long a finished ticket is kept unless its creator says otherwise. */
export const KEEP_RECEIPT_MINUTES = 10;

/** What a ticket is made of. Times are milliseconds since 1970. */
export interface NewTicket {
  readonly id: string;
  /** What to run; empty where the cookie names nothing. */
  readonly viewModel: string;
  /** The external id of the root object. */
  readonly rootId: string;
  /** Absent: as soon as possible. */
  readonly executeEarliest?: number;
  readonly keepReceiptMinutes: number;
  readonly created: number;
  readonly data: string;
  /** Where the data were bytes. */
  readonly encoding?: 'base64';
  /** The delivery that it was made from; absent where an operator made it. */
  readonly origin?: TicketOrigin;
  /** Why no handler can be asked at all. */
  readonly flaw?: string;
}

/** Which delivery a ticket was made from. */
export interface TicketOrigin {
  readonly hub: string;
  readonly eventguid: string;
  readonly cookie: string;
  /** `epoch:offset`; absent where the hub has no positions. */
  readonly position?: string;
}

/** A unit of work, apart from the arrival of its event. */
export interface Ticket extends NewTicket {
  readonly state: TicketState;
  /** Attempts that have ended. */
  readonly attempts: number;
  /** When it was finished. */
  readonly done?: number;
  /** When its receipt goes: `done` and `keepReceiptMinutes`. */
  readonly deleteTime?: number;
  /** Why it failed, or why its last attempt did. */
  readonly error?: string;
}

const MINUTE_MS = 60_000;

export function deleteTimeOf(done: number, { keepReceiptMinutes }: NewTicket): number {
  return done + keepReceiptMinutes * MINUTE_MS;
}
