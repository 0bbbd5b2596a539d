import type { HistoryOptions, Metrics } from '@ringback/core';
import { systemTimers, warningsLog, type HubLog, type Timers } from '@ringback/signalr';

/** What has to be said about a backplane, and how it differs from the defaults. */
export interface BackplaneOptions {
  /** Nodes hear each other that say the same here. */
  readonly application: string;
  /** Longest message, as it travels. Longer ones are refused with `data-too-large`. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Most that waits to be published; beyond it `too-many-commands`. Default: 16 MiB. */
  readonly maxUnpublishedBytes?: number;
  /** Most that waits while something missing before it is read; what is beyond is read as well. Default: 16 MiB. */
  readonly maxHeldBytes?: number;
  /** Between two looks at whether the last messages have come. Default: 30 s. */
  readonly compareIntervalMs?: number;
  /** Default: process warnings. */
  readonly log?: HubLog;
  /** Told whenever messages were missing, and whether the history had them. */
  readonly metrics?: Pick<Metrics, 'gap'>;
  readonly timers?: Timers;
}

/** Options with all defaults filled in. */
export type BackplaneSettings = Required<BackplaneOptions>;

const MEBIBYTE = 1024 * 1024;

const DEFAULTS = {
  maxMessageBytes: MEBIBYTE,
  maxUnpublishedBytes: 16 * MEBIBYTE,
  maxHeldBytes: 16 * MEBIBYTE,
  compareIntervalMs: 30_000,
  log: warningsLog,
  metrics: { gap: () => {} },
  timers: systemTimers,
} as const satisfies Partial<BackplaneOptions>;

/** Fills in the defaults. */
export function completeOptions(options: BackplaneOptions): BackplaneSettings {
  return { ...DEFAULTS, ...options };
}

/** What the relay of a backplane had better keep: a node may be cut off for a minute of busy traffic. */
export const backplaneHistory = {
  envelopes: 10_000,
  ageMs: 60_000,
  bytes: 32 * MEBIBYTE,
} as const satisfies HistoryOptions;
