const LONGEST = 1_000;
const WORDLESS = 'The handler failed without a word.';

/** What went wrong, for the `Error` of a ticket: never empty, never longer than that, whatever was thrown. */
export function describeFailure(error: unknown): string {
  try {
    const text = String(error instanceof Error ? error.message || error.name : error);
    return text.slice(0, LONGEST) || WORDLESS;
  } catch {
    return WORDLESS; // not even text can be made of it
  }
}
