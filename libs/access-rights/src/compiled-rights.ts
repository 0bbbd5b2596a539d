import { EVENT_ACTIONS, type Action } from '@ringback/core';
import { compilePattern, type Claims } from './pattern-text.js';
import type { EventPatterns, Rights, RightsLimits } from './rights.js';
import type { TextPattern } from './text-pattern.js';

type PatternTable = { readonly [Name in Action]?: readonly TextPattern[] };

const NONE: readonly TextPattern[] = [];

/** What the holder of one token may do, compiled once for all that it asks. */
export class CompiledRights {
  readonly limits: RightsLimits;
  readonly info: Readonly<Record<string, unknown>> | undefined;
  private readonly allowed: PatternTable;
  private readonly denied: PatternTable;
  private readonly operate: ReadonlySet<Action>;
  private readonly subscribers: readonly TextPattern[];

  /** `claims` are what `{name}` stands for in patterns. Throws `InvalidRightsError` for a pattern that is none. */
  constructor(rights: Rights, claims: Claims = {}) {
    this.limits = rights.limits ?? {};
    this.info = rights.info;
    this.allowed = compileTable(rights, claims, '');
    this.denied = compileTable(rights.deny ?? {}, claims, 'deny.');
    this.operate = new Set(rights.operate);
    this.subscribers = compileAll(rights.subscribers, claims, 'subscribers');
  }

  /** Whether its holder may do it; without an eventguid, whether it may do it to some event. Allocates nothing. */
  allows(action: Action, eventguid?: string): boolean {
    const allowed = this.allowed[action];
    if (!allowed) return this.operate.has(action);
    if (eventguid === undefined) return allowed.length > 0;
    return matchesAny(allowed, eventguid) && !matchesAny(this.denied[action] ?? NONE, eventguid);
  }

  /** Whether its holder may be this durable subscriber. */
  allowsSubscriber(subscriberId: string): boolean {
    return matchesAny(this.subscribers, subscriberId);
  }
}

function matchesAny(patterns: readonly TextPattern[], text: string): boolean {
  for (const pattern of patterns) if (pattern.matches(text)) return true;
  return false;
}

/** Every action on events has its place. */
function compileTable(patterns: EventPatterns, claims: Claims, prefix: string): PatternTable {
  const entries = EVENT_ACTIONS.map((action) => [
    action,
    compileAll(patterns[action], claims, prefix + action),
  ]);
  return Object.fromEntries(entries) as PatternTable;
}

function compileAll(patterns: readonly string[] = [], claims: Claims, place: string): readonly TextPattern[] {
  return patterns
    .map((pattern, index) => compilePattern(pattern, claims, `${place}[${index}]`))
    .filter((compiled) => compiled !== undefined);
}
