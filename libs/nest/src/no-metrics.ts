import type { Metrics } from '@ringback/core';

/** Counts nothing: for an application that provides no `METRICS`. */
export class NoMetrics implements Metrics {
  triggered(): void {}
  relayed(): void {}
  delivered(): void {}
  connected(): void {}
  disconnected(): void {}
  evicted(): void {}
  paused(): void {}
  resumed(): void {}
  exceeded(): void {}
  failed(): void {}
  gap(): void {}
  recovered(): void {}
  swept(): void {}
}
