import type { EventAction, OperatorAction } from '@ringback/core';

/** Most patterns of a rights object, all lists together. */
export const MAX_PATTERNS = 64;
/** Longest pattern, in bytes of UTF-8. */
export const PATTERN_BYTES = 256;
/** Longest `info`, in bytes of its JSON. */
export const INFO_BYTES = 1024;

/** Patterns of eventguids for what may be done to events; what is absent is denied. */
export type EventPatterns = { readonly [Action in EventAction]?: readonly string[] };

/** What its holder may do, as it is written down. What is absent is denied. */
export interface Rights extends EventPatterns {
  /** What is denied although it is allowed above. */
  readonly deny?: EventPatterns;
  readonly operate?: readonly OperatorAction[];
  /** Patterns of the durable subscriberIds that it may have. */
  readonly subscribers?: readonly string[];
  readonly limits?: RightsLimits;
  /** What others are shown of it. */
  readonly info?: Readonly<Record<string, unknown>>;
}

export interface RightsLimits {
  readonly connections?: number;
  readonly triggersPerSecond?: number;
}
