/** What the nodes ask each other about their connections. */
export type Asked = 'count' | 'find' | 'remove';

/** A question, by the number that its asker gave it, or the answer to it. */
export type Words =
  | { readonly id: number; readonly ask: Asked; readonly connectionId: string }
  | { readonly id: number; readonly found: number };

const ASKED: readonly unknown[] = ['count', 'find', 'remove'] satisfies Asked[];

export function encodeWords(words: Words): string {
  return JSON.stringify(words);
}

/** `undefined` for what this version does not read. Never throws. */
export function decodeWords(body: string): Words | undefined {
  const said = parse(body);
  if (typeof said !== 'object' || said === null) return undefined;
  const { id, ask, connectionId, found }: Partial<Record<string, unknown>> = { ...said };
  if (!isCount(id)) return undefined;
  if (isCount(found)) return { id, found };
  if (!ASKED.includes(ask) || typeof connectionId !== 'string') return undefined;
  return { id, ask: ask as Asked, connectionId };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON: whoever asked logs it.
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
