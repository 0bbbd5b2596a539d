import { parseEventGuid, type EventGuid } from '@ringback/contract';

/** The events of an application. */
export interface BackplaneNames {
  /** What all nodes hear. */
  readonly everybody: EventGuid;
  /** What one node hears: the answers to its questions. */
  node(nodeId: string): EventGuid;
}

/** Throws `bad-eventguid` when the names are too long. */
export function backplaneNames(application: string): BackplaneNames {
  const everybody = `signalr/${encodeURIComponent(application)}`;
  return {
    everybody: parseEventGuid(everybody),
    node: (nodeId) => parseEventGuid(`${everybody}/${encodeURIComponent(nodeId)}`),
  };
}
