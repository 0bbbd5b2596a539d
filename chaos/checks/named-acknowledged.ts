import { Disturbances } from '../disturbances.js';
import type { Facts } from '../facts.js';
import type { ConnectionFacts, NamedAcknowledgement } from '../named-facts.js';
import type { Order } from '../order.js';
import type { Violation } from '../violation.js';
import { about } from './deliveries.js';
import { linesOf, type Line } from './named-lines.js';

/** An acknowledgement is stored within 250 ms where nothing comes between its node and Redis; the rest is for a busy machine. */
const STORED_WITHIN_MS = 1_500;

/** An acknowledgement that certainly stood in the store when the next connection took the session. */
interface Certain {
  readonly position: string;
  /** The first connection that is to know of it. */
  readonly knownFrom: number;
}

/** What was acknowledged, and had the time to be stored, is never delivered again. */
export function namedAcknowledged(facts: Facts, order: Order, losesNothing: boolean): Violation[] {
  if (!losesNothing) return [];
  const disturbances = new Disturbances(facts.entries);
  return linesOf(facts, order).flatMap((line) => again(line, certainOf(line, facts, disturbances), order));
}

/** Of how many acknowledgements it can be said that nothing up to them may come again. */
export function countCertain(facts: Facts, order: Order): number {
  const disturbances = new Disturbances(facts.entries);
  return linesOf(facts, order).flatMap((line) => certainOf(line, facts, disturbances)).length;
}

function again(line: Line, certain: readonly Certain[], order: Order): Violation[] {
  return line.facts.deliveries.flatMap((delivery) => {
    const { position, connection = 0 } = delivery;
    const broken = certain.find(
      (one) => connection >= one.knownFrom && order.compare(position, one.position) <= 0,
    );
    if (!broken) return [];
    return [
      about(
        'acknowledged',
        delivery,
        `${position} came again though ${broken.position} had been acknowledged long before`,
      ),
    ];
  });
}

function certainOf(line: Line, facts: Facts, disturbances: Disturbances): Certain[] {
  return line.facts.acknowledgements.flatMap((acknowledgement) => {
    const next = nextConnection(acknowledgement, facts);
    if (!next || !isStored(acknowledgement, next, facts, disturbances)) return [];
    const { position } = acknowledgement.asked;
    return [{ position, knownFrom: next.connecting.connection }];
  });
}

function isStored(
  { asked, answeredAt }: NamedAcknowledgement,
  next: ConnectionFacts,
  { named }: Facts,
  disturbances: Disturbances,
): boolean {
  const { nodeId, replaced } = named.connections.get(asked.connection) ?? {};
  if (answeredAt === undefined || nodeId === undefined) return false;
  // One that was begun earlier has come later, and what was noted may have been refused.
  if (replaced && replaced.index < next.connecting.index) return false;
  return disturbances.hasCalm([nodeId], answeredAt, next.connecting.at, STORED_WITHIN_MS);
}

/** The connection that took the session from the one that acknowledged. */
function nextConnection({ asked }: NamedAcknowledgement, { named }: Facts): ConnectionFacts | undefined {
  return [...named.connections.values()].find(
    ({ connecting }) =>
      connecting.subscriber === asked.subscriber && connecting.connection > asked.connection,
  );
}
