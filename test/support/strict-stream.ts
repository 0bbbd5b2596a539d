import { SAFE_ID } from './stream-subscribers.js';

/** A block of a stream, by its fields. */
export interface Block {
  readonly id?: string;
  readonly event?: string;
  /** Its lines with LF between. */
  readonly data?: string;
  readonly retry?: string;
}

const BLOCK_END = '\n\n';

/** What may stand in each field. NUL may be data: no client makes anything of it. */
const FIELDS: Readonly<Record<string, RegExp>> = {
  id: SAFE_ID,
  event: /^[^\0]+$/,
  data: /^/,
  retry: /^[0-9]+$/,
};

/**
 * The blocks of a part of a stream, which ends with one. Throws at anything that the page of the protocol does not name: another end of a line than LF, another field,
 * one twice that is not data, an id of other characters, text that is no UTF-8. Where this reads the same as a client that is lenient, nothing was smuggled in.
 */
export function readStrictly(body: Buffer): readonly Block[] {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  if (text.includes('\r')) throw new Error(`a CR in ${JSON.stringify(text)}`);
  return text.slice(0, -BLOCK_END.length).split(BLOCK_END).map(readBlock);
}

function readBlock(text: string): Block {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === ':') continue;
    const [name, value] = readLine(line);
    const before = fields.get(name);
    if (before !== undefined && name !== 'data') throw new Error(`${name} twice in ${JSON.stringify(text)}`);
    fields.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  return Object.fromEntries(fields);
}

function readLine(line: string): readonly [name: string, value: string] {
  const at = line.indexOf(': ');
  const [name, value] = [line.slice(0, at), line.slice(at + 2)];
  if (!FIELDS[name]?.test(value)) throw new Error(`no line of a stream: ${JSON.stringify(line)}`);
  return [name, value];
}
