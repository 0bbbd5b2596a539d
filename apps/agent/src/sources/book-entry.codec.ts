import type { BookEntry } from './subscription-book.port.js';

/** The text of an entry; the same for what was parsed from it, so that texts can be compared. */
export function formatEntry(entry: BookEntry): string {
  return JSON.stringify(entry);
}

export function parseEntry(text: string): BookEntry {
  return JSON.parse(text) as BookEntry;
}
