const LONGEST = 1_000;

/** What went wrong, for the `Error` of a ticket: a sentence, never longer than that. */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, LONGEST);
}
