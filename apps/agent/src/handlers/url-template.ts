import { isWellFormed } from '@ringback/contract';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket } from '../tickets/ticket.js';

/** What may stand in braces in the URL of a handler. */
const PLACEHOLDERS: Readonly<Record<string, (ticket: Ticket) => string>> = {
  ViewModel: ({ viewModel }) => viewModel,
  RootId: ({ rootId }) => rootId,
  id: ({ id }) => id,
  data: ({ data }) => data,
  hub: ({ origin }) => origin?.hub ?? '',
  eventguid: ({ origin }) => origin?.eventguid ?? '',
  position: ({ origin }) => origin?.position ?? '',
};

const BRACES = /\{([^{}]*)\}/g;
const DOTS = /^(\.|%2e){1,2}$/i;

/** What is wrong with a template, as it goes on after its name; `undefined` if nothing is. */
export function problemOfTemplate(template: string): string | undefined {
  const bare = template.replace(BRACES, 'x');
  if (!URL.canParse(bare) || !/^https?:$/.test(new URL(bare).protocol)) return 'is not an http or https URL';
  const { origin, username, password } = new URL(bare);
  if (username !== '' || password !== '') return 'holds credentials; name them in headers';
  if (!template.toLowerCase().startsWith(origin))
    return 'may have placeholders only behind its host and port';
  const unknown = [...template.matchAll(BRACES)].find(([, name = '']) => !Object.hasOwn(PLACEHOLDERS, name));
  return unknown && `has ${unknown[0]}; there are {${Object.keys(PLACEHOLDERS).join('}, {')}}`;
}

/**
 * The URL for a ticket, each value percent-encoded. Throws `FinalError` where a value would be `.` or `..` in the path, which no encoding keeps
 * from leading elsewhere.
 */
export function fillTemplate(template: string, ticket: Ticket): string {
  const url = template.replace(BRACES, (_all, name: string) => encode(PLACEHOLDERS[name]?.(ticket) ?? ''));
  const [path = ''] = url.split(/[?#]/, 1);
  if (path.split('/').some((segment) => DOTS.test(segment)))
    throw new FinalError('A value of the ticket cannot stand in the URL of its handler.');
  return url;
}

function encode(value: string): string {
  if (!isWellFormed(value)) throw new FinalError('A value of the ticket cannot be encoded for a URL.');
  return encodeURIComponent(value);
}
