import type { Frame } from '@ringback/core';

/** Events that a stream has beside its deliveries. */
export const STREAM_EVENTS = {
  /** `{ eventguid, position }`: something of the event before the position is lost to this stream. */
  reset: 'ringback.reset',
  /** `{ eventguid, … }`: who takes part in the event. */
  presence: 'ringback.presence',
  /** `{ eventguid }`: a subscription has ended otherwise than by a delivery. */
  ended: 'ringback.ended',
  /** `{ code, name, message }`: why the hub ends the stream. */
  close: 'ringback.close',
  /** `{ code, message }`: why the hub cannot open it now. */
  error: 'ringback.error',
} as const;

type StreamEvent = (typeof STREAM_EVENTS)[keyof typeof STREAM_EVENTS];

/** What would not be one line, or would pass for an event of the stream or of the EventSource itself. */
const NO_EVENT_NAME = /[\r\n\0]|^(?:ringback\.|(?:open|error)$)/;

const LINE_END = /\r\n|\r|\n/;

/** The `event:` line of a delivery; none for a type that no client could tell from something else: it then is a `message`. */
export function eventLine(type: string | undefined): string {
  return type === undefined || type === '' || NO_EVENT_NAME.test(type) ? '' : `event: ${type}\n`;
}

/** The `data:` lines of a text: whatever ends a line in it, a client puts LF there. */
export function dataLines(text: string): string {
  return text
    .split(LINE_END)
    .map((line) => `data: ${line}\n`)
    .join('');
}

/** The lines of an event of the stream itself, without the blank one that ends it. */
export function eventLines(name: StreamEvent, body: object): Frame {
  return utf8(`event: ${name}\ndata: ${JSON.stringify(body)}\n`);
}

export function utf8(text: string): Frame {
  return Buffer.from(text, 'utf8').toString('latin1');
}
