import { dataLines, eventLine } from '@ringback/gateway-kit';
import { fullId, oneLine, type StreamEvent } from './stream-event.js';
import type { WriterName } from './topic.definition.js';

/** Turns one event into the text of the stream. */
export interface EventWriter {
  /** Ends with an empty line. The same event always has the same text: it is made once for all streams of a topic. */
  write(event: StreamEvent): string;
}

/** Whatever says how long to wait is digits, or nothing at all. */
function retryLine(retry: number | null | undefined): string {
  return Number.isSafeInteger(retry) && Number(retry) >= 0 ? `retry: ${retry}\n` : '';
}

function idLine(id: string | undefined): string {
  return id === undefined ? '' : `id: ${id}\n`;
}

function linesOf(data: unknown): string {
  if (data === undefined || data === null) return '';
  return dataLines(typeof data === 'string' ? data : JSON.stringify(data));
}

/** The name stands behind the id, so that a page needs one listener for all names. */
export const FUBU_WRITER: EventWriter = {
  write: (event) => `${idLine(fullId(event) || undefined)}${retryLine(event.retry)}${linesOf(event.data)}\n`,
};

/** As browsers tell events apart. */
export const W3C_WRITER: EventWriter = {
  write: ({ id, event, retry, data }) =>
    `${idLine(oneLine(id))}${eventLine(oneLine(event))}${retryLine(retry)}${linesOf(data)}\n`,
};

export const NAMED_WRITERS: Readonly<Record<WriterName, EventWriter>> = {
  fubu: FUBU_WRITER,
  w3c: W3C_WRITER,
};
