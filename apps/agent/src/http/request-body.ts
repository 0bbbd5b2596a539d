import { HubError } from '@ringback/contract';
import { KEEP_RECEIPT_MINUTES } from '../tickets/ticket.js';

const YEAR_MINUTES = 365 * 24 * 60;
const NAME_LETTERS = 1_024;
const DATA_LETTERS = 64 * 1_024;

/** The fields of a body, and no others than these. Throws `bad-request`. */
export function fieldsOf(body: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HubError('bad-request', 'The body is not a JSON object.');
  const unknown = Object.keys(body).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new HubError('bad-request', `The body has a field that is none of ${names.join(', ')}.`);
  return body as Readonly<Record<string, unknown>>;
}

export function nameOf(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= NAME_LETTERS) return value;
  throw new HubError('bad-request', `${field} is not text of 1 to ${NAME_LETTERS} characters.`);
}

export function dataOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new HubError('bad-request', 'data is not text.');
  if (value.length > DATA_LETTERS) throw new HubError('data-too-large');
  return value;
}

/** Milliseconds since 1970 of a time with its zone; `undefined` without one. */
export function timeOf(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = typeof value === 'string' && /T.*(Z|[+-]\d\d:?\d\d)$/.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(time))
    throw new HubError('bad-request', `${field} is not a time like 2026-01-31T12:00:00Z.`);
  return time;
}

export function receiptMinutesOf(value: unknown, field: string): number {
  const minutes = value ?? KEEP_RECEIPT_MINUTES;
  if (Number.isInteger(minutes) && Number(minutes) >= 0 && Number(minutes) <= YEAR_MINUTES)
    return Number(minutes);
  throw new HubError('bad-request', `${field} is not a whole number from 0 to ${YEAR_MINUTES}.`);
}
