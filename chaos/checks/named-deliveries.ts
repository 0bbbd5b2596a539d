import type { Delivered } from '../history.js';
import type { Facts } from '../facts.js';
import type { Placed } from '../placed.js';
import type { NamedAsk } from '../named-facts.js';
import type { Order } from '../order.js';
import type { Violation } from '../violation.js';
import { about, inSequence } from './deliveries.js';
import { linesOf, type Line } from './named-lines.js';

/**
 * What a named subscriber received: in order and each offset once within one connection, each with a cookie of its own that counted there, nothing of
 * a generation after its one-shot.
 */
export function namedDeliveries(facts: Facts, order: Order, losesNothing: boolean): Violation[] {
  const lines = linesOf(facts, order);
  const connections = lines.flatMap((line) => [...line.byConnection().values()]);
  return [
    ...connections.flatMap((deliveries) => inSequence({ deliveries }, facts, order, losesNothing)),
    ...connections.flatMap(afterCut),
    ...lines.flatMap((line) =>
      line.facts.deliveries.flatMap((delivery) => wrongCookie(line, delivery, order, losesNothing)),
    ),
  ];
}

function wrongCookie(
  line: Line,
  delivery: Placed<Delivered>,
  order: Order,
  losesNothing: boolean,
): Violation[] {
  const ask = line.facts.asks.find(({ cookie }) => cookie === delivery.cookie);
  const text = JSON.stringify(delivery.cookie);
  if (!ask) return [about('cookie', delivery, `${text} was never left for the event`)];
  if (!losesNothing || !ask.answered) return [];
  const isOver = line.generationOf(delivery.position) > line.generationAt(ask.answered.position);
  if (isOver)
    return [about('after-end', delivery, `${delivery.position} came with ${text}, which a one-shot ended`)];
  const why = whyNot(line, delivery, { ...ask, answered: ask.answered }, order);
  return why === undefined
    ? []
    : [about('cookie', delivery, `${text} did not count at ${delivery.position}: ${why}`)];
}

/** Whatever came with a cookie whose last delivery came before on the same connection. */
function afterCut(deliveries: readonly Placed<Delivered>[]): Violation[] {
  const ended = new Set<string>();
  return deliveries.flatMap((delivery) => {
    const isOver = ended.has(delivery.cookie);
    if (delivery.ended === true) ended.add(delivery.cookie);
    const what = `${delivery.position} came after the one-shot that ended ${JSON.stringify(delivery.cookie)}`;
    return isOver ? [about('after-end', delivery, what)] : [];
  });
}

type AnsweredAsk = NamedAsk & { readonly answered: { readonly position: string } };

function whyNot(line: Line, delivery: Placed<Delivered>, ask: AnsweredAsk, order: Order): string | undefined {
  const { position } = delivery;
  const generation = line.generationOf(position);
  if (generation < line.generationAt(ask.answered.position)) return 'it was left after the next one-shot';
  // An older connection that has not heard yet that it was replaced goes on with what it knows.
  const newer = line.facts.asks.find(
    ({ index, connection, answered }) =>
      index > ask.index &&
      connection <= (delivery.connection ?? 0) &&
      answered !== undefined &&
      line.generationAt(answered.position) === generation &&
      order.compare(answered.position, position) < 0,
  );
  if (newer) return `${JSON.stringify(newer.cookie)} was left at ${newer.answered?.position ?? '?'}`;
  // What is replayed on a later connection comes with the one cookie that is stored.
  const isHere = ask.connection === delivery.connection;
  if (isHere && order.compare(position, ask.answered.position) <= 0) return 'it was left later';
  return cameBefore(line, delivery, order) ? 'the subscription was made later' : undefined;
}

/** Unless the answer to an earlier cookie was lost, which may have begun the subscription. */
function cameBefore(line: Line, { position }: Delivered, order: Order): boolean {
  const since = line.sinceOf(line.generationOf(position));
  const isSure = line.facts.asks.every(({ answered }) => answered !== undefined);
  return isSure && since !== undefined && order.compare(position, since) <= 0;
}
