import type { Position } from '@ringback/contract';
import type { Relayed, ResumedSubscription, StoredSubscription } from '@ringback/core';
import type { Epochs } from './epochs.js';
import type { History } from './history.js';

/** What is known of an event when a subscriber comes back to it. */
interface Known {
  readonly epochs: Epochs;
  readonly history: History;
  /** The last one given. */
  readonly offset: number;
}

/** Where a subscription goes on that was left behind, by its own `since` and by how far the subscriber has come. */
export function resumedSubscription(
  { subscriptionId, cookie, since, madeAt }: StoredSubscription,
  seen: Position | undefined,
  known: Known,
  cut?: Relayed,
): ResumedSubscription {
  const { epochs, offset } = known;
  const positions = [since, ...(seen ? [seen] : [])];
  const from = Math.min(offset, Math.max(...positions.map((position) => epochs.countsAs(position))));
  const recovered = isVouchedFor(since, seen, known) && isKept(from, known, cut);
  return { subscriptionId, cookie, since, madeAt, from, recovered, ...(cut && { cut }) };
}

/** A `since` that cannot be vouched for does no harm where the subscriber has come at least as far. */
function isVouchedFor(since: Position, seen: Position | undefined, { epochs, offset }: Known): boolean {
  if (seen && !epochs.vouchesFor(seen, offset)) return false;
  if (seen && epochs.countsAs(seen) >= epochs.countsAs(since)) return true;
  return epochs.vouchesFor(since, offset);
}

/** The envelope of the cut needs no history. */
function isKept(from: number, { history, offset }: Known, cut: Relayed | undefined): boolean {
  if (cut && from >= cut.envelope.position.offset - 1) return true;
  return history.after(from, offset) !== undefined;
}
