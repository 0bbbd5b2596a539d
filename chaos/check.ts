import { afterwards } from './checks/afterwards.js';
import { deliveries } from './checks/deliveries.js';
import { missing } from './checks/missing.js';
import { namedAcknowledged } from './checks/named-acknowledged.js';
import { namedConnections } from './checks/named-connections.js';
import { namedDeliveries } from './checks/named-deliveries.js';
import { namedMissing } from './checks/named-missing.js';
import { crashes, outcomes, unready } from './checks/outcomes.js';
import { keysTwice, positionsReused } from './checks/positions.js';
import { gatherFacts } from './facts.js';
import type { Entry } from './history.js';
import { orderOf } from './order.js';
import type { Violation } from './violation.js';

export interface CheckOptions {
  /** Whether Redis keeps all it has answered, whatever happens to it. */
  readonly losesNothing: boolean;
}

/** All that the history shows and the promises do not allow. */
export function check(entries: readonly Entry[], { losesNothing }: CheckOptions): Violation[] {
  const facts = gatherFacts(entries);
  const order = orderOf(entries, losesNothing);
  return [
    ...missing(facts, order, losesNothing),
    ...deliveries(facts, order, losesNothing),
    ...positionsReused(facts),
    ...keysTwice(facts, losesNothing),
    ...namedMissing(facts, order, losesNothing),
    ...namedDeliveries(facts, order, losesNothing),
    ...namedAcknowledged(facts, order, losesNothing),
    ...namedConnections(facts, losesNothing),
    ...afterwards(facts, order),
    ...outcomes(facts),
    ...crashes(facts),
    ...unready(facts),
  ];
}

/** What `check` says of connections and sessions, for a run that waits until they are right: all of it would hold up the clients, which live in its process. */
export function checkConnections(entries: readonly Entry[], { losesNothing }: CheckOptions): Violation[] {
  return namedConnections(gatherFacts(entries), losesNothing);
}

/** What `check` says of that which is stored, as `checkConnections`. */
export function checkStored(entries: readonly Entry[], { losesNothing }: CheckOptions): Violation[] {
  return afterwards(gatherFacts(entries), orderOf(entries, losesNothing));
}

/** How many deliveries are still missing: what a run waits for before it is judged. */
export function countMissing(entries: readonly Entry[], { losesNothing }: CheckOptions): number {
  const facts = gatherFacts(entries);
  const order = orderOf(entries, losesNothing);
  return missing(facts, order, losesNothing).length + namedMissing(facts, order, losesNothing).length;
}
