import type { RecordFields } from '@ringback/core';
import { createHash } from 'node:crypto';
import { parseChanges, type Change, type JournalId } from './journal-id.js';
import { parsePlace, placeText, type Place } from './stream-id.js';

/** The field that says whose journal it is, and of which events. */
export const OWNER_FIELD = 'of';

/** In front of a record that has the places of all events. */
const WHOLE = '*';
const RECORD_NAME = /^[0-9]+$/;

/** Tells the streams of an identity with these events, in this order, from all others. */
export function ownerText(identity: string, eventguids: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([identity, ...eventguids]))
    .digest('base64url');
}

export function wholeText(places: readonly Place[]): string {
  return WHOLE + places.map((place) => placeText(place, place.over)).join(' ');
}

/**
 * A record of what has changed since the one before: first, as an id has it, what has only moved on, which nobody need write again; then those events whose epoch is
 * another, each with its index.
 */
export function changedText(
  changes: string,
  renewed: readonly (readonly [index: number, place: Place])[],
): string {
  return [changes, ...renewed.map(([index, place]) => `${index} ${placeText(place, place.over)}`)].join(' ');
}

/** Whether the record that the id names is among them. */
export function hasRecord(fields: RecordFields, { record }: JournalId): boolean {
  return fields.has(String(record));
}

/**
 * The places that the id says, in the order of the stream. Where a record before it is missing, as the node that wrote it has ended too soon or has not written it
 * yet, the places are those before that record, and none is a later one; what is over is over all the same. `undefined` where the journal does not reach back.
 */
export function placesAt(fields: RecordFields, { record, changes }: JournalId): readonly Place[] | undefined {
  const numbers = [...fields.keys()].filter((name) => RECORD_NAME.test(name)).map(Number);
  const upTo = numbers.filter((number) => number <= record).sort((one, other) => one - other);
  const start = upTo.findLast((number) => textOf(fields, number).startsWith(WHOLE));
  if (start === undefined) return undefined;
  const places = parseWhole(textOf(fields, start));
  if (!places) return undefined;
  const left = upTo.filter((number) => number > start);
  let known = start;
  for (; left[0] === known + 1; known++) applyRecord(places, textOf(fields, Number(left.shift())));
  const later = [...left.flatMap((number) => parseChanges(textOf(fields, number))), ...changes];
  for (const change of later) (known === record ? applyChange : endPlace)(places, change);
  return places;
}

function textOf(fields: RecordFields, number: number): string {
  return fields.get(String(number)) ?? '';
}

function parseWhole(text: string): Place[] | undefined {
  const places = text.slice(WHOLE.length).split(' ').map(parsePlace);
  return places.every((place) => place !== undefined) ? places : undefined;
}

function applyRecord(places: Place[], text: string): void {
  const [changes = '', ...renewed] = text.split(' ');
  for (const change of parseChanges(changes)) applyChange(places, change);
  for (let at = 0; at + 1 < renewed.length; at += 2) {
    const index = Number(renewed[at]);
    const place = parsePlace(renewed[at + 1] ?? '');
    if (place && places[index]) places[index] = place;
  }
}

function applyChange(places: Place[], { index, step, over }: Change): void {
  const place = places[index];
  const offset = (place?.offset ?? 0) + step;
  if (place && Number.isSafeInteger(offset)) places[index] = { ...place, offset, over };
}

/** A step from a place that is not known leads nowhere: there may have been another epoch between. */
function endPlace(places: Place[], { index, over }: Change): void {
  const place = places[index];
  if (place && over) places[index] = { ...place, over };
}
