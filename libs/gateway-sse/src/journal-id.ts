/** With a longer id browsers ask for permission before they come back to another origin (WHATWG Fetch, "CORS-safelisted request-header"). */
export const MAX_ID_CHARACTERS = 128;

/** How one event of a stream has moved on since a record of its journal. */
export interface Change {
  /** The place of the event in the list of the stream, from 0. */
  readonly index: number;
  /** By how much its offset has grown. */
  readonly step: number;
  readonly over: boolean;
}

/** An id that says where a stream of many events stands by a record of its journal, and what has changed since. */
export interface JournalId {
  /** The name of the stream. */
  readonly stream: string;
  readonly record: number;
  readonly changes: readonly Change[];
}

/** The characters of a stream's name: 16, so that nobody guesses one. */
export const STREAM_NAME_BYTES = 12;

const ID = /^3\.([\w-]{16})\.([0-9a-z]{1,8})((?:[._][0-9a-z]{1,4}(?:-[0-9a-z]{1,11})?)*)$/;
const CHANGE = /([._])([0-9a-z]+)(?:-([0-9a-z]+))?/g;
const RADIX = 36;

/** What the ids of a stream begin with as long as it stands at one record. */
export function journalPrefix(stream: string, record: number): string {
  return `3.${stream}.${record.toString(RADIX)}`;
}

/** One change in an id: `.` where the event goes on, `_` where it is over; the index; the step, unless it is 1. */
export function changeText({ index, step, over }: Change): string {
  const mark = over ? '_' : '.';
  return step === 1 ? mark + digitsOf(index) : `${mark}${digitsOf(index)}-${digitsOf(step)}`;
}

/** To write a number in another base takes as long as all the rest. */
const digits: string[] = [];
const MAX_REMEMBERED = 4_096;

function digitsOf(number: number): string {
  if (number > MAX_REMEMBERED) return number.toString(RADIX);
  return (digits[number] ??= number.toString(RADIX));
}

/** What the id says; `undefined` if it is none of this form. Never throws. */
export function parseJournalId(text: string): JournalId | undefined {
  if (text.length > MAX_ID_CHARACTERS) return undefined;
  const [, stream, record = '', changes = ''] = ID.exec(text) ?? [];
  if (stream === undefined) return undefined;
  return { stream, record: Number.parseInt(record, RADIX), changes: parseChanges(changes) };
}

/** What stands behind the record in an id, or is a record itself. Passes over what else may stand there. */
export function parseChanges(text: string): readonly Change[] {
  return Array.from(text.matchAll(CHANGE), ([, mark, index = '', step = '1']) => ({
    index: Number.parseInt(index, RADIX),
    step: Number.parseInt(step, RADIX),
    over: mark === '_',
  }));
}
