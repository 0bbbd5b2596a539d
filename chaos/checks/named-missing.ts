import type { Facts } from '../facts.js';
import { covers, type Kept } from '../kept.js';
import type { ConnectionFacts } from '../named-facts.js';
import type { Order } from '../order.js';
import type { Violation } from '../violation.js';
import { linesOf, type Line } from './named-lines.js';

/**
 * Nothing that was due to a named subscriber is missing: over all its connections, and on each one nothing that was not
 * acknowledged before, up to the last that it received there; on the one that it is left with, up to the end. Where Redis may lose sessions, nothing can be said.
 */
export function namedMissing(facts: Facts, order: Order, losesNothing: boolean): Violation[] {
  if (!losesNothing) return [];
  const present = presentConnections(facts);
  const connections = [...facts.named.connections.values()];
  const lines = linesOf(facts, order);
  const ofLine = (line: Line): Violation[] =>
    connections
      .filter(({ connecting }) => connecting.subscriber === line.subscriber)
      .flatMap((connection) => unreplayed(line, connection, present, order));
  return [...lines.flatMap((line) => neverDelivered(line, order)), ...lines.flatMap(ofLine)];
}

/** The newest connection of each subscriber. */
function presentConnections({ named }: Facts): ReadonlySet<number> {
  const newest = new Map<string, number>();
  for (const [number, { connecting }] of named.connections) newest.set(connecting.subscriber, number);
  return new Set(newest.values());
}

function neverDelivered(line: Line, order: Order): Violation[] {
  const delivered = new Set(line.facts.deliveries.map(({ position }) => position));
  const isExcused = ({ position }: Kept): boolean =>
    line.facts.gaps.some((gap) => covers(gap, position, order));
  return line.due
    .filter((kept) => !delivered.has(kept.position) && !isExcused(kept))
    .map((kept) => violationOf('missing', line, kept, `${kept.position} never reached ${line.subscriber}`));
}

function unreplayed(
  line: Line,
  { connecting: { connection } }: ConnectionFacts,
  present: ReadonlySet<number>,
  order: Order,
): Violation[] {
  const deliveries = line.facts.deliveries.filter((delivery) => delivery.connection === connection);
  if (deliveries.length === 0 && !present.has(connection)) return [];
  const delivered = new Set(deliveries.map(({ position }) => position));
  const last = deliveries.reduce<string | undefined>(
    (most, { position }) => later(most, position, order),
    undefined,
  );
  const from = acknowledgedBefore(line, connection, order);
  const gaps = line.facts.gaps.filter((gap) => gap.connection === connection);
  const isExpected = ({ position }: Kept): boolean =>
    !delivered.has(position) &&
    (from === undefined || order.compare(position, from) > 0) &&
    (present.has(connection) || (last !== undefined && order.compare(position, last) <= 0)) &&
    !gaps.some((gap) => covers(gap, position, order));
  return line.due.filter(isExpected).map((kept) => {
    const what = `${kept.position} did not come to ${line.subscriber} on its connection ${connection}, though nothing after ${from ?? 'its beginning'} was acknowledged before`;
    return violationOf('unreplayed', line, kept, what);
  });
}

/** The last position that may have counted as acknowledged when the connection was served: told on another one before the first sign of this one. */
function acknowledgedBefore({ facts }: Line, connection: number, order: Order): string | undefined {
  const signs = [
    ...facts.deliveries.filter((delivery) => delivery.connection === connection),
    ...facts.asks.flatMap(({ answered, connection: askedOn }) =>
      answered && askedOn === connection ? [answered] : [],
    ),
  ].map(({ index }) => index);
  const first = Math.min(...signs);
  return facts.acknowledgements
    .filter(({ asked }) => asked.connection !== connection && asked.index < first)
    .reduce<string | undefined>((most, { asked }) => later(most, asked.position, order), undefined);
}

function later(one: string | undefined, other: string, order: Order): string {
  return one !== undefined && order.compare(one, other) > 0 ? one : other;
}

function violationOf(
  kind: 'missing' | 'unreplayed',
  { subscriber, eventguid }: Line,
  { position, trigger }: Kept,
  what: string,
): Violation {
  return {
    kind,
    what: `${what} (${eventguid})`,
    subscription: subscriber,
    eventguid,
    trigger: trigger.invoked.trigger,
    position,
  };
}
