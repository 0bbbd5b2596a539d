import type { Credentials, Log } from '@ringback/core';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { BridgeTimes } from './bridge.config.js';

/** What a bridge has of its node beside the hub. */
export interface BridgeParts {
  readonly log: Log;
  readonly metrics: BridgeMetrics;
  /** What the bridge shows to its own hub. */
  readonly credentials: Credentials;
  readonly times?: BridgeTimes;
}
