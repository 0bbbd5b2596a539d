import type { EventGuid } from '@ringback/contract';

/** How much of an event's history is kept; whichever is reached first. */
export interface HistoryLimits {
  readonly envelopes: number;
  readonly ageMs: number;
  readonly bytes: number;
}

/** Other limits for the events that a pattern names; `*` stands for any text. */
export type HistoryOverride = Partial<HistoryLimits> & { readonly pattern: string };

export type HistoryOptions = Partial<HistoryLimits> & {
  /** The first whose pattern fits counts. */
  readonly overrides?: readonly HistoryOverride[];
};

const DEFAULTS: HistoryLimits = { envelopes: 1_000, ageMs: 10 * 60_000, bytes: 1024 * 1024 };

/** How long the answer to a trigger with a key is remembered. */
export const KEY_WINDOW_MS = 5 * 60_000;
const NAMED_TTL_MS = 24 * 3_600_000;

/** How long meta outlives the last subscription where history is not kept for longer. */
export const META_TTL_FLOOR_MS = Math.max(KEY_WINDOW_MS, NAMED_TTL_MS);

/** Finds the limits of an event. */
export class HistoryPolicy {
  /** How long meta outlives the last subscription: the longest of what may still refer to it. */
  readonly metaTtlMs: number;
  private readonly limits: HistoryLimits;
  private readonly overrides: readonly { readonly pattern: RegExp; readonly limits: HistoryLimits }[];

  constructor(options: HistoryOptions = {}) {
    const { overrides = [], ...limits } = options;
    this.limits = { ...DEFAULTS, ...limits };
    this.overrides = overrides.map(({ pattern, ...limits }) => ({
      pattern: compile(pattern),
      limits: { ...this.limits, ...limits },
    }));
    const ages = [this.limits, ...this.overrides.map(({ limits }) => limits)].map(({ ageMs }) => ageMs);
    this.metaTtlMs = Math.max(META_TTL_FLOOR_MS, ...ages);
  }

  limitsOf(eventguid: EventGuid): HistoryLimits {
    return this.overrides.find(({ pattern }) => pattern.test(eventguid))?.limits ?? this.limits;
  }
}

function compile(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'su');
}
