import { formatPosition, type Data, type Envelope, type Position } from '@ringback/contract';
import { SENT_AWAY } from './stream-request.js';

/** One event of a stream. What is absent, or null, has no line. */
export interface StreamEvent {
  readonly id?: string | null;
  /** Its name. */
  readonly event?: string | null;
  /** How long the client waits before it comes back, in milliseconds. */
  readonly retry?: number | null;
  /** Text as it is, anything else as JSON. */
  readonly data?: unknown;
}

/** An event that the hub keeps. */
export interface KeptEvent extends StreamEvent {
  /** The publisher's, else made of the position. */
  readonly id: string;
  readonly data: string;
  readonly position: Position;
}

const LINE_BREAKERS = /[\r\n\0]/g;

/** What of an envelope a stream shows, whichever protocol it was triggered over. Nothing in it breaks a line but the data, whose lines are written one by one. */
export function eventOf({ id, type, retryMs, position, data }: Envelope): KeptEvent {
  const event = oneLine(type);
  return {
    id: ownId(id) ?? positionId(position),
    ...(event !== undefined && { event }),
    ...(retryMs !== undefined && { retry: retryMs }),
    data: textOf(data),
    position,
  };
}

/** The publisher's id, unless it would send away for good whoever comes back with it. */
function ownId(id: string | undefined): string | undefined {
  const own = oneLine(id);
  return own === SENT_AWAY ? undefined : own;
}

/** The id that a client comes back with, after an event that was written with its name behind the id. */
export function fullId({ id, event }: Pick<StreamEvent, 'id' | 'event'>): string {
  const name = oneLine(event);
  return (oneLine(id) ?? '') + (name === undefined ? '' : `/${name}`);
}

/** Without what ends a line, and without NUL, which clients do not take in an id; `undefined` if nothing is left. */
export function oneLine(text: string | null | undefined): string | undefined {
  return text?.replaceAll(LINE_BREAKERS, '') || undefined;
}

/** No colon: browsers would ask for permission before they send it to another origin. */
function positionId(position: Position): string {
  return formatPosition(position).replace(':', '.');
}

function textOf(data: Data): string {
  if (typeof data === 'string') return data;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}
