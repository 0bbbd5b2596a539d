/** One remote hub, and what is carried from and to it. */
export interface BridgeConfig {
  /** Unique in the cluster, and part of the bridge's names at both hubs: changed, it is another bridge that knows nothing of what was carried. */
  readonly name: string;
  /** `ringback`: another Ringback, its extended hub. `event-hub`: a three-string event hub. */
  readonly kind: 'ringback' | 'event-hub';
  /** The server, or its hub where the URL has a path. */
  readonly url: string;
  /** The URL of an event hub is its whole path: `RealtimeEventPushHub` is not put behind it. */
  readonly isHubUrl?: boolean;
  /** Shown to the remote hub. */
  readonly token?: string;
  /** Events of the remote hub that are triggered here, whether or not anybody is subscribed. */
  readonly subscribe: readonly string[];
  /** The same of events that are subscribed to in this cluster, for as long as they are: eventguids, or beginnings with `*`. */
  readonly subscribeOnDemand: readonly string[];
  /** Events of this cluster that are triggered at the remote hub. */
  readonly trigger: readonly string[];
  /** Of an event hub, the same event and data more often than this in a second is taken for a loop. Default: 100. */
  readonly maxDuplicatesPerSecond?: number;
}

/** The times of bridges, in milliseconds; for specs. */
export interface BridgeTimes {
  /** How long after the death of the node that leads a bridge another one does. Default: 10,000. */
  readonly leaderMs?: number;
  /** The first pause before trying again; it doubles with each failure. Default: 500. */
  readonly minDelayMs?: number;
  /** Default: 30,000. */
  readonly maxDelayMs?: number;
  /** Default: 30,000. */
  readonly serverTimeoutMs?: number;
  /** How long after the last interest in an event it stays subscribed. Default: 5,000. */
  readonly lingerMs?: number;
}

export const DEFAULT_TIMES: Required<BridgeTimes> = {
  leaderMs: 10_000,
  minDelayMs: 500,
  maxDelayMs: 30_000,
  serverTimeoutMs: 30_000,
  lingerMs: 5_000,
};

export const MAX_DUPLICATES_PER_SECOND = 100;
