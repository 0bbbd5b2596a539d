import type { SignalROptions } from './signalr.options.js';

/** The last segment of every path of the event hub. */
const EVENT_HUB = 'realtimeeventpushhub';

const DEFAULT_PATH = '/hub';

/** Where the hubs are, once the many names of their paths are made one. */
export const PATHS = { event: `/${EVENT_HUB}`, extended: '/hub' } as const;

/** The paths at which clients find the hubs: in any case, with any slashes doubled. */
export class HubPaths {
  private readonly extended: string;
  private readonly events: ReadonlySet<string>;

  constructor({ path = DEFAULT_PATH, eventHubPaths = [] }: SignalROptions = {}) {
    this.extended = pathOf(segmentsOf(path));
    this.events = new Set(eventHubPaths.map((eventHubPath) => pathOf(segmentsOf(eventHubPath))));
  }

  /** The one path that a hub, or its negotiation, has for us; `undefined` for a path of none of our hubs. */
  normalize(path: string): string | undefined {
    const segments = segmentsOf(path);
    const negotiates = segments.at(-1) === 'negotiate';
    const hub = this.hubAt(negotiates ? segments.slice(0, -1) : segments);
    return hub !== undefined && negotiates ? `${hub}/negotiate` : hub;
  }

  private hubAt(segments: readonly string[]): string | undefined {
    const path = pathOf(segments);
    if (path === this.extended) return PATHS.extended;
    return segments.at(-1) === EVENT_HUB || this.events.has(path) ? PATHS.event : undefined;
  }
}

function segmentsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '');
}

function pathOf(segments: readonly string[]): string {
  return `/${segments.join('/')}`;
}
