/** What nodes say to each other about the events that they are interested in. */
export type InterestNote =
  /** The leading node wants to know. */
  | { readonly kind: 'ask' }
  /** All that the node is interested in. */
  | { readonly kind: 'all'; readonly eventguids: readonly string[] }
  | { readonly kind: 'change'; readonly added: readonly string[]; readonly removed: readonly string[] };

/** The note, or `undefined` if it is none that this version reads. */
export function readInterestNote(body: string): InterestNote | undefined {
  const note = parse(body);
  if (note?.['kind'] === 'ask') return { kind: 'ask' };
  const { eventguids, added, removed } = note ?? {};
  if (note?.['kind'] === 'all' && areTexts(eventguids)) return { kind: 'all', eventguids };
  if (note?.['kind'] !== 'change' || !areTexts(added) || !areTexts(removed)) return undefined;
  return { kind: 'change', added, removed };
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined; // whoever asked logs it
  }
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
