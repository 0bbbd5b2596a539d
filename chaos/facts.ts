import type { Accepted, Asked, Delivered, Entry, Fired, GapNoticed, Invoked } from './history.js';
import { gatherNamedFacts, type NamedFacts } from './named-facts.js';
import type { Placed } from './placed.js';

export interface TriggerFacts {
  readonly invoked: Placed<Invoked>;
  attempts: number;
  readonly accepted: Placed<Accepted>[];
  refused: number;
  unknown: number;
}

export interface SubscriptionFacts {
  readonly asked: Placed<Asked>;
  subscribed?: { readonly position: string; readonly at: number; readonly index: number };
  readonly deliveries: Placed<Delivered>[];
  readonly gaps: GapNoticed[];
  ended?: { readonly why: string; readonly index: number };
}

/** A history sorted by what it is about. */
export interface Facts {
  readonly triggers: ReadonlyMap<number, TriggerFacts>;
  /** Those of connections. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionFacts>;
  readonly named: NamedFacts;
  /** To whomever. */
  readonly deliveries: readonly Placed<Delivered>[];
  readonly entries: readonly Entry[];
}

export function gatherFacts(entries: readonly Entry[]): Facts {
  const triggers = new Map<number, TriggerFacts>();
  const subscriptions = new Map<string, SubscriptionFacts>();
  const deliveries: Placed<Delivered>[] = [];
  for (const [index, entry] of entries.entries()) {
    if ('trigger' in entry && entry.kind !== 'delivered') addToTrigger(triggers, entry, index);
    else if ('subscription' in entry && entry.connection === undefined)
      addToSubscription(subscriptions, entry, index);
    if (entry.kind === 'delivered') deliveries.push({ ...entry, index });
  }
  return { triggers, subscriptions, named: gatherNamedFacts(entries), deliveries, entries };
}

function addToTrigger(
  triggers: Map<number, TriggerFacts>,
  entry: Extract<Entry, Fired>,
  index: number,
): void {
  const known = triggers.get(entry.trigger);
  if (entry.kind === 'invoked') {
    if (known) known.attempts++;
    else triggers.set(entry.trigger, factsOf({ ...entry, index }));
    return;
  }
  if (!known) return; // the outcome check says so
  if (entry.kind === 'accepted') known.accepted.push({ ...entry, index });
  else known[entry.kind]++;
}

function factsOf(invoked: Placed<Invoked>): TriggerFacts {
  return { invoked, attempts: 1, accepted: [], refused: 0, unknown: 0 };
}

function addToSubscription(
  subscriptions: Map<string, SubscriptionFacts>,
  entry: Extract<Entry, { subscription: string }>,
  index: number,
): void {
  if (entry.kind === 'asked') {
    subscriptions.set(entry.subscription, { asked: { ...entry, index }, deliveries: [], gaps: [] });
    return;
  }
  const known = subscriptions.get(entry.subscription);
  if (!known) return;
  if (entry.kind === 'subscribed') known.subscribed = { position: entry.position, at: entry.at, index };
  else if (entry.kind === 'delivered') known.deliveries.push({ ...entry, index });
  else if (entry.kind === 'gap') known.gaps.push(entry);
  else known.ended ??= { why: entry.why, index };
}
