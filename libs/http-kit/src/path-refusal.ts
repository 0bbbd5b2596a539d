import { HubError } from '@ringback/contract';
import type { IncomingMessage } from 'node:http';

/** Segments that proxies remove together with what is before them: the path may have meant another identifier than it now names. */
const UNCLEAN_PATH = /\/\.{0,2}\/|\/\.{1,2}$/;

/** What a request is refused with whose path has an empty segment, or one of dots; no path is ever tidied. */
export function pathRefusal({ url = '' }: Pick<IncomingMessage, 'url'>): HubError | undefined {
  const [path = ''] = url.split(/[?#]/, 1);
  if (!UNCLEAN_PATH.test(path)) return undefined;
  return new HubError(
    'bad-request',
    'The path has an empty segment, or one of dots: percent-encode the identifier, or name it in the query.',
  );
}
