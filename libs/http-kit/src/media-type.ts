import { HubError } from '@ringback/contract';

/** A Content-Type header, taken apart. */
export interface MediaType {
  /** In small letters, without parameters; `''` if there is no header. */
  readonly name: string;
  /** In small letters. */
  readonly charset?: string;
}

const CHARSET = /;[ \t]*charset=("?)([^";, \t]+)\1/i;
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii']);

export function parseMediaType(header: string | undefined): MediaType {
  const name = header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const charset = header === undefined ? undefined : CHARSET.exec(header)?.[2]?.toLowerCase();
  return { name, ...(charset !== undefined && { charset }) };
}

/** Whether the bytes of such a body are text, so that subscribers can be given text. */
export function isText({ name, charset }: MediaType): boolean {
  if (charset !== undefined && !UTF8.has(charset)) return false;
  return /^text\/|^application\/(json|xml|javascript|x-www-form-urlencoded)$|\+(json|xml)$/.test(name);
}

/** The text of a body. Throws `unsupported-media-type` for another charset than UTF-8, `bad-request` for broken UTF-8. */
export function decodeText(body: Uint8Array, { charset = 'utf-8' }: MediaType): string {
  if (!UTF8.has(charset)) throw new HubError('unsupported-media-type', 'The only charset is utf-8.');
  try {
    // The byte order mark is a character of the data like any other.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    throw new HubError('bad-request', 'The body is not UTF-8.', { cause: error });
  }
}

/** The object that a JSON body is. Throws `bad-request` for anything else. */
export function decodeJsonObject(body: Uint8Array, mediaType: MediaType): Readonly<Record<string, unknown>> {
  const value = parseJson(decodeText(body, mediaType));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HubError('bad-request', 'The body is not a JSON object.');
  }
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new HubError('bad-request', 'The body is not valid JSON.', { cause: error });
  }
}
