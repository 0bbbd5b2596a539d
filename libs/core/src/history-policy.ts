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

/** Finds how much history an event keeps. Default: 1,000 envelopes, 10 minutes, 1 MiB. */
export class HistoryPolicy {
  /** The longest that any event's history is kept, named subscribers apart. */
  readonly longestAgeMs: number;
  private readonly limits: HistoryLimits;
  private readonly overrides: readonly { readonly pattern: RegExp; readonly limits: HistoryLimits }[];

  constructor({ overrides = [], ...limits }: HistoryOptions = {}) {
    this.limits = { ...DEFAULTS, ...limits };
    this.overrides = overrides.map(({ pattern, ...other }) => ({
      pattern: compile(pattern),
      limits: { ...this.limits, ...other },
    }));
    this.longestAgeMs = Math.max(
      this.limits.ageMs,
      ...this.overrides.map((override) => override.limits.ageMs),
    );
  }

  limitsOf(eventguid: EventGuid): HistoryLimits {
    return this.overrides.find(({ pattern }) => pattern.test(eventguid))?.limits ?? this.limits;
  }
}

function compile(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'su');
}
