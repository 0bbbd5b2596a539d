import type { BookEntry } from './subscription-book.port.js';

/** The text of an entry; the same for what was parsed from it, so that texts can be compared. */
export function formatEntry(entry: BookEntry): string {
  return JSON.stringify(entry);
}

/** The entry, or `undefined` for a text that no agent has written. Never throws. */
export function parseEntry(text: string): BookEntry | undefined {
  const entry = parseObject(text);
  const isWhole = TEXTS.every((name) => typeof entry?.[name] === 'string');
  if (!isWhole || typeof entry?.['once'] !== 'boolean') return undefined;
  return entry as unknown as BookEntry;
}

const TEXTS = ['eventguid', 'cookie', 'wantedBy', 'state', 'version'] satisfies (keyof BookEntry)[];

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Not JSON: whoever asked reports it.
    return undefined;
  }
}
