import { isList, isSection, type Section, type Value } from '../document.js';
import { PathPattern, pathTo } from './path-pattern.js';
import type { Exception } from './rename-list.js';

/** A recording without what exceptions name, and the exceptions that name nothing. */
export interface Remaining {
  readonly section: Section;
  readonly unused: readonly Exception[];
}

/** Leaves out whatever matches an exception: keys with all that is under them, and texts in lists. */
export function leaveOut(section: Section, exceptions: readonly Exception[]): Remaining {
  const patterns = exceptions.map((exception) => ({ exception, pattern: new PathPattern(exception.path) }));
  const used = new Set<Exception>();
  const isLeftOut = (path: string): boolean => {
    const matching = patterns.filter(({ pattern }) => pattern.matches(path));
    for (const { exception } of matching) used.add(exception);
    return matching.length > 0;
  };
  const remaining = remainingOf(section, '', isLeftOut);
  return { section: remaining, unused: exceptions.filter((exception) => !used.has(exception)) };
}

function remainingOf(section: Section, path: string, isLeftOut: (path: string) => boolean): Section {
  const entries: [string, Value][] = [];
  for (const [name, value] of Object.entries(section)) {
    const inner = pathTo(path, name);
    if (!isLeftOut(inner)) entries.push([name, remainingValue(value, inner, isLeftOut)]);
  }
  return Object.fromEntries(entries);
}

function remainingValue(value: Value, path: string, isLeftOut: (path: string) => boolean): Value {
  if (isList(value)) return value.filter((text) => !isLeftOut(pathTo(path, text)));
  return isSection(value) ? remainingOf(value, path, isLeftOut) : value;
}
