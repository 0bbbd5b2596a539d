import { canonical, isList, isSection, type Section, type Value } from '../document.js';
import { pathTo } from './path-pattern.js';

/** A place where two recordings differ. */
interface Difference {
  readonly path: string;
  /** Absent where there is nothing. */
  readonly before?: Value;
  readonly after?: Value;
}

const SHOWN = 20;
const LENGTH = 300;

/** What differs between two recordings, as text for a person: the first places, each with what stands there. Empty where they are equal. */
export function showDifferences(before: Section, after: Section): string {
  const differences = compareSections(canonical(before), canonical(after), '');
  const shown = differences.slice(0, SHOWN).map(showDifference);
  const rest = differences.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n');
}

function compareSections(before: Section, after: Section, path: string): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => compare(before[name], after[name], pathTo(path, name)));
}

function compare(before: Value | undefined, after: Value | undefined, path: string): Difference[] {
  if (isSection(before) && isSection(after)) return compareSections(before, after, path);
  if (isList(before) && isList(after)) return compareLists(before, after, path);
  if (before === after) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

/** Only what is not in both. */
function compareLists(before: readonly string[], after: readonly string[], path: string): Difference[] {
  const difference = { path, before: without(before, after), after: without(after, before) };
  return difference.before.length + difference.after.length === 0 ? [] : [difference];
}

function without(texts: readonly string[], others: readonly string[]): readonly string[] {
  const rest = [...others];
  return texts.filter((text) => {
    const index = rest.indexOf(text);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

function showDifference({ path, before, after }: Difference): string {
  return `${path}\n  before: ${showValue(before)}\n  after:  ${showValue(after)}`;
}

function showValue(value: Value | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text;
}
