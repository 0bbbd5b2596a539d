import { check, type CheckOptions } from '../check.js';
import type { Entry, Happening, Invoked } from '../history.js';

export const KEEPS_ALL: CheckOptions = { losesNothing: true };
export const MAY_LOSE: CheckOptions = { losesNothing: false };

let at = 0;

export const timed = (happenings: readonly Happening[]): Entry[] =>
  happenings.map((happening) => ({ ...happening, at: at++ }));

/** The kinds of what is found, each once. */
export const kinds = (happenings: readonly Happening[], options = KEEPS_ALL): string[] => [
  ...new Set(check(timed(happenings), options).map(({ kind }) => kind)),
];

export const invoked = (trigger: number, more: Partial<Invoked> = {}): Happening => ({
  kind: 'invoked',
  trigger,
  attempt: 1,
  eventguid: 'e',
  key: `k${trigger}`,
  oneShot: false,
  via: 'http',
  ...more,
});
const accepted = (trigger: number, position: string, attempt = 1): Happening => ({
  kind: 'accepted',
  trigger,
  attempt,
  position,
});
export const triggered = (trigger: number, position: string, more: Partial<Invoked> = {}): Happening[] => [
  invoked(trigger, more),
  accepted(trigger, position, more.attempt),
];
export const nodes = (...listed: string[]): Happening => ({
  kind: 'nodes',
  listed,
  running: ['node1', 'node2'],
});
