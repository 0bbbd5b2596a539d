import type { Position } from '@ringback/contract';
import { createHash } from 'node:crypto';

/**
 * So many events have their places in one id of at most 128 characters, up to two thousand million triggers of each. With a longer id, or with other
 * characters than these, browsers ask for permission before they come back to another origin.
 */
export const MAX_LISTED_EVENTS = 11;

/** Says that nothing more is to come of a stream: who comes back with it is sent away for good. */
export const OVER = '0';

/** Where one event of a stream stands, as its client has come to know. */
export interface Place {
  readonly epoch: string;
  readonly offset: number;
  /** Whether a one-shot has ended the subscription. */
  readonly over: boolean;
}

/** The same as it stands in an id of several events: the epoch by its tag. */
export interface TaggedPlace extends Omit<Place, 'epoch'> {
  readonly tag: string;
}

/** What an id says: the place of the one event, those of each of several, that all is over, or nothing that is understood here. */
export type ToldId =
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'places'; readonly places: readonly TaggedPlace[] }
  | { readonly kind: 'over' }
  | { readonly kind: 'foreign' };

/** Longer than any that is given out. */
const LONGEST = 256;

const SINGLE = /^([01])\.([0-9A-Za-z]{1,32})\.(0|[1-9][0-9]{0,15})$/;
const LIST = /^2\.([\w-]{4})((?:[._][\w-]{4}[0-9a-z]{1,11})+)$/;
const ENTRY = /([._])([\w-]{4})([0-9a-z]{1,11})/y;

/** `1.<epoch>.<offset>`, with `0` in front for the last one. The same for all streams of the event. */
export function placeText({ epoch, offset }: Position, over: boolean): string {
  return `${over ? OVER : '1'}.${epoch}.${offset}`;
}

/** The place that such a text says; `undefined` if it is none. */
export function parsePlace(text: string): Place | undefined {
  const [, form, epoch, digits] = SINGLE.exec(text) ?? [];
  const offset = Number(digits);
  if (epoch === undefined || !Number.isSafeInteger(offset)) return undefined;
  return { epoch, offset, over: form === OVER };
}

/** One place among several: `.` where it goes on, `_` where it is over, the tag of the epoch, the offset. */
export function entryText({ tag, offset, over }: TaggedPlace): string {
  return `${over ? '_' : '.'}${tag}${offset.toString(36)}`;
}

/** What an id of several events begins with: it is of no use with another list. */
export function listPrefix(eventguids: readonly string[]): string {
  return `2.${shortHash(JSON.stringify(eventguids))}`;
}

/** Stands for an epoch where there is no room for it. */
export function epochTag(epoch: string): string {
  return shortHash(epoch);
}

/** What the id says to a stream of these events. Never throws: an id may come from anywhere. */
export function parseStreamId(text: string, eventguids: readonly string[]): ToldId {
  if (text === OVER) return { kind: 'over' };
  if (text.length > LONGEST) return { kind: 'foreign' };
  if (eventguids.length > 1) return parseList(text, eventguids);
  const place = parsePlace(text);
  return place ? { kind: 'place', place } : { kind: 'foreign' };
}

function parseList(text: string, eventguids: readonly string[]): ToldId {
  const [, digest, entries] = LIST.exec(text) ?? [];
  if (entries === undefined || `2.${digest}` !== listPrefix(eventguids)) return { kind: 'foreign' };
  const places = parseEntries(entries);
  return places?.length === eventguids.length ? { kind: 'places', places } : { kind: 'foreign' };
}

function parseEntries(text: string): readonly TaggedPlace[] | undefined {
  const places: TaggedPlace[] = [];
  ENTRY.lastIndex = 0;
  for (let match = ENTRY.exec(text); match; match = ENTRY.exec(text)) {
    const [, mark, tag = '', digits = ''] = match;
    const offset = Number.parseInt(digits, 36);
    if (!Number.isSafeInteger(offset)) return undefined;
    places.push({ tag, offset, over: mark === '_' });
  }
  return places;
}

/** 24 bits of it in four characters. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 3).toString('base64url');
}
