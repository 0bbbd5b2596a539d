/** What is recorded: sections of sections. The order of keys and of the texts in a list means nothing. */
export interface Section {
  readonly [name: string]: Value;
}

export type Value = string | number | boolean | readonly string[] | Section;

export function isSection(value: Value | undefined): value is Section {
  return typeof value === 'object' && !isList(value);
}

export function isList(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}

/** Sorted, and without what is empty: equal recordings are equal texts. */
export function canonical(section: Section): Section {
  const entries = Object.entries(section)
    .map(([name, value]): [string, Value] => [name, canonicalValue(value)])
    .filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function canonicalValue(value: Value): Value {
  if (isList(value)) return value.toSorted();
  return isSection(value) ? canonical(value) : value;
}

function isEmpty(value: Value): boolean {
  return isList(value) ? value.length === 0 : isSection(value) && Object.keys(value).length === 0;
}

/** Replaces every text, keys included. Keys that become equal are one. */
export function mapTexts(value: Section, change: (text: string) => string): Section;
export function mapTexts(value: Value, change: (text: string) => string): Value;
export function mapTexts(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value);
  if (isList(value)) return value.map(change);
  if (!isSection(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [change(name), mapTexts(item, change)]),
  );
}

/** Every text, keys included. */
export function textsOf(value: Value): string[] {
  if (typeof value === 'string') return [value];
  if (isList(value)) return [...value];
  return isSection(value) ? Object.keys(value).concat(Object.values(value).flatMap(textsOf)) : [];
}
