import { isWellFormed, utf8Bytes } from '@ringback/contract';
import { EVENT_ACTIONS, OPERATOR_ACTIONS, type OperatorAction } from '@ringback/core';
import { InvalidRightsError } from './invalid-rights.error.js';
import { compilePattern } from './pattern-text.js';
import {
  INFO_BYTES,
  MAX_PATTERNS,
  PATTERN_BYTES,
  type EventPatterns,
  type Rights,
  type RightsLimits,
} from './rights.js';

type Fields = Readonly<Record<string, unknown>>;

const KEYS = [...EVENT_ACTIONS, 'deny', 'operate', 'subscribers', 'limits', 'info'];
const LIMITS = ['connections', 'triggersPerSecond'];

/** Takes a rights object from outside. Throws `InvalidRightsError` for what is not exactly one, which names the place and not what stands there. */
export function parseRights(value: unknown): Rights {
  const { deny, operate, subscribers, limits, info, ...events } = fieldsOf(value, 'rights', KEYS);
  const rights = {
    ...parseEvents(events, ''),
    ...(deny !== undefined && { deny: parseEvents(fieldsOf(deny, 'deny', EVENT_ACTIONS), 'deny.') }),
    ...(operate !== undefined && { operate: parseOperate(operate) }),
    ...(subscribers !== undefined && { subscribers: parsePatterns(subscribers, 'subscribers') }),
    ...(limits !== undefined && { limits: parseLimits(limits) }),
    ...(info !== undefined && { info: parseInfo(info) }),
  };
  assertFew(rights);
  return rights;
}

/** The value as a plain object with no other keys than the known ones. */
function fieldsOf(value: unknown, place: string, known?: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidRightsError(place, 'is no object');
  if (known && Object.keys(value).some((key) => !known.includes(key)))
    throw new InvalidRightsError(place, `has a key that is none of ${known.join(', ')}`);
  return value as Fields;
}

function parseEvents(fields: Fields, prefix: string): EventPatterns {
  const entries = Object.entries(fields).map(([action, value]) => [
    action,
    parsePatterns(value, prefix + action),
  ]);
  return Object.fromEntries(entries) as EventPatterns;
}

function parsePatterns(value: unknown, place: string): readonly string[] {
  return listOf(value, place).map((pattern, index) => parsePattern(pattern, `${place}[${index}]`));
}

function parsePattern(value: unknown, place: string): string {
  if (typeof value !== 'string') throw new InvalidRightsError(place, 'is no text');
  if (utf8Bytes(value) > PATTERN_BYTES)
    throw new InvalidRightsError(place, `is longer than ${PATTERN_BYTES} bytes`);
  if (!isWellFormed(value)) throw new InvalidRightsError(place, 'holds a lone surrogate');
  compilePattern(value, {}, place);
  return value;
}

function parseOperate(value: unknown): readonly OperatorAction[] {
  return listOf(value, 'operate').map((action, index) => {
    const known = OPERATOR_ACTIONS.find((candidate) => candidate === action);
    if (known) return known;
    throw new InvalidRightsError(`operate[${index}]`, `is none of ${OPERATOR_ACTIONS.join(', ')}`);
  });
}

function parseLimits(value: unknown): RightsLimits {
  const limits = fieldsOf(value, 'limits', LIMITS);
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || (limit as number) < 1)
      throw new InvalidRightsError(`limits.${name}`, 'is no whole number of at least 1');
  }
  return limits;
}

function parseInfo(value: unknown): Fields {
  const info = fieldsOf(value, 'info');
  if (utf8Bytes(JSON.stringify(info)) > INFO_BYTES)
    throw new InvalidRightsError('info', `is longer than ${INFO_BYTES} bytes`);
  return info;
}

/** A list that is far too long is refused before it is read. */
function listOf(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidRightsError(place, 'is no list');
  if (value.length > MAX_PATTERNS)
    throw new InvalidRightsError(place, `has more than ${MAX_PATTERNS} entries`);
  return value;
}

function assertFew({ deny = {}, subscribers = [], ...rights }: Rights): void {
  const lists = [
    ...EVENT_ACTIONS.flatMap((action) => [rights[action] ?? [], deny[action] ?? []]),
    subscribers,
  ];
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count > MAX_PATTERNS)
    throw new InvalidRightsError('rights', `has more than ${MAX_PATTERNS} patterns in all`);
}
