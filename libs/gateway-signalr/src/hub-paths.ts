import { grantsStatefulReconnect, nodeOf } from '@ringback/signalr';
import type { IncomingMessage } from 'node:http';
import { DEFAULT_PATH, type SignalRConfig } from './signalr.config.js';

/** The last segment of every path of the event hub. */
const EVENT_HUB = 'RealtimeEventPushHub';

/** Where the hubs are, once the many names of their paths are made one. */
export const PATHS = { event: `/${EVENT_HUB.toLowerCase()}`, extended: '/hub' } as const;

type PathConfig = Pick<SignalRConfig, 'path' | 'aliases'>;

/** The target of a request with the one path that its hub has for us; `undefined` if it is for none of our hubs. */
export function plainTarget(target: string, config: PathConfig): string | undefined {
  const [path = '', ...queries] = (target.split('#', 1)[0] ?? '').split('?');
  const segments = segmentsOf(path);
  const negotiates = segments.at(-1) === 'negotiate';
  const hub = hubPath(negotiates ? segments.slice(0, -1) : segments, config);
  if (hub === undefined) return undefined;
  const query = queries.length > 0 ? `?${queries.join('?')}` : '';
  return hub + (negotiates ? '/negotiate' : '') + query;
}

/** Whether one of our hubs is there, in any spelling. */
export function isHubTarget(target: string, config: PathConfig = {}): boolean {
  return plainTarget(target, config) !== undefined;
}

/**
 * The node that a request belongs to; `undefined` where any may answer. A WebSocket is accepted wherever it lands, unless it was granted stateful
 * reconnect: then its client may come back with the same token, to what only that node has kept.
 */
export function ownerOf(request: IncomingMessage, config: PathConfig = {}): string | undefined {
  if (request.method === 'OPTIONS') return undefined; // any node answers a preflight
  const target = plainTarget(request.url ?? '', config);
  if (target === undefined) return undefined;
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const token = [...query].find(([name]) => name.toLowerCase() === 'id')?.[1] ?? '';
  if (opensWebSocket(request) && !grantsStatefulReconnect(token)) return undefined;
  return nodeOf(token);
}

function opensWebSocket({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /\bupgrade\b/i.test(headers.connection ?? '')
  );
}

function hubPath(segments: readonly string[], { path, aliases = [] }: PathConfig): string | undefined {
  const isAt = (known: string): boolean => segmentsOf(known).join('/') === segments.join('/');
  if (isAt(path ?? DEFAULT_PATH)) return PATHS.extended;
  return segments.at(-1) === EVENT_HUB.toLowerCase() || aliases.some(isAt) ? PATHS.event : undefined;
}

function segmentsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '');
}
