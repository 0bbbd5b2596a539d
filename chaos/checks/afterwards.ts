import type { NodesListed, Stored } from '../history.js';
import type { Facts } from '../facts.js';
import type { Placed } from '../placed.js';
import type { LineFacts, NamedAsk } from '../named-facts.js';
import type { Order } from '../order.js';
import type { Violation } from '../violation.js';

/** When all is quiet, exactly the subscriptions that go on are stored, counted, and held by nodes that are alive. */
export function afterwards(facts: Facts, order: Order): Violation[] {
  const living = lastOf(facts, 'nodes');
  const running = new Set(living?.running ?? []);
  const stored = facts.entries.flatMap((entry, index) =>
    entry.kind === 'stored' ? [{ ...entry, index }] : [],
  );
  return [
    ...(living ? ghostNodes(living) : []),
    ...stored.flatMap((entry) => wronglyStored(entry, facts, order)),
    ...stored.flatMap(wronglyCounted),
    ...stored.flatMap((entry) => wronglyPending(entry, facts, order)),
    ...stored.flatMap((entry) => ghosts(entry, running)),
  ];
}

function wronglyStored(entry: Placed<Stored>, facts: Facts, order: Order): Violation[] {
  const { eventguid, subscriptions } = entry;
  const going = [...facts.subscriptions.values()].filter(
    ({ asked, ended }) => asked.eventguid === eventguid && !ended,
  );
  const found = subscriptions.map(({ cookie }) => cookie);
  const expected = new Map([
    ...going.map(({ asked }) => [asked.cookie, asked.subscription] as const),
    ...namedGoing(facts, entry, order).map(({ cookie, subscription }) => [cookie, subscription] as const),
  ]);
  const absent = [...expected].filter(([cookie]) => !found.includes(cookie));
  const surplus = found.filter((cookie, index) => !expected.has(cookie) || found.indexOf(cookie) !== index);
  return [
    ...absent.map(([, subscription]): Violation => {
      const what = `${subscription} goes on and is not stored`;
      return { kind: 'stored', what, eventguid, subscription };
    }),
    ...surplus.map((cookie): Violation => {
      const what = `${eventguid} has a stored subscription too many: ${JSON.stringify(cookie)}`;
      return { kind: 'ghost', what, eventguid, subscription: cookie.split(' ')[0] ?? '' };
    }),
  ];
}

function wronglyCounted({ eventguid, subscriptions, subscribers }: Stored): Violation[] {
  if (subscribers === subscriptions.length) return [];
  const what = `${eventguid} counts ${subscribers} and lists ${subscriptions.length}`;
  return [{ kind: 'stored', what, eventguid }];
}

/** The cookies that named subscribers have left last, unless a one-shot has ended what they had begun. */
function namedGoing(facts: Facts, entry: Placed<Stored>, order: Order): NamedAsk[] {
  const found = new Set(entry.subscriptions.map(({ cookie }) => cookie));
  return linesOf(facts, entry.eventguid).flatMap((line) => {
    const isMoving = changesOf(line).some(
      (index) => index >= (entry.askedAt ?? entry.index) && index < entry.index,
    );
    if (isMoving) return line.asks.filter(({ cookie }) => found.has(cookie));
    const ask = line.asks.findLast(({ answered }) => answered !== undefined && answered.index < entry.index);
    if (!ask?.answered || isOver(line, ask.answered.position, entry.index, order)) return [];
    // One that was left later and never answered may have been stored.
    const later = line.asks.filter(
      ({ index, answered }) => index > ask.index && index < entry.index && !answered,
    );
    return [later.find(({ cookie }) => found.has(cookie)) ?? ask];
  });
}

function changesOf({ asks, deliveries }: LineFacts): number[] {
  const ends = deliveries.filter(({ ended }) => ended === true);
  return [
    ...asks.flatMap(({ index, answered }) => (answered ? [index, answered.index] : [index])),
    ...ends.map(({ index }) => index),
  ];
}

/** Whether a one-shot has been delivered that ended what was stored at the position. */
function isOver({ deliveries }: LineFacts, position: string, at: number, order: Order): boolean {
  return deliveries.some(
    (one) => one.ended === true && one.index < at && order.compare(one.position, position) > 0,
  );
}

/** Nothing is pending of a subscriber that has acknowledged all it was delivered. */
function wronglyPending(
  { eventguid, subscriptions, index }: Placed<Stored>,
  facts: Facts,
  order: Order,
): Violation[] {
  return linesOf(facts, eventguid).flatMap((line) => {
    const cookies = new Set(line.asks.map(({ cookie }) => cookie));
    const { pending = 0 } = subscriptions.find(({ cookie }) => cookies.has(cookie)) ?? {};
    if (pending === 0 || !isAcknowledged(line, index, order)) return [];
    const what = `${line.subscriber} has acknowledged all of ${eventguid}, and ${pending} are pending`;
    return [{ kind: 'pending', what, eventguid, subscription: line.subscriber }];
  });
}

function isAcknowledged({ acknowledgements, deliveries }: LineFacts, at: number, order: Order): boolean {
  const told = acknowledgements.filter(
    ({ asked, answeredAt }) => answeredAt !== undefined && asked.index < at,
  );
  const before = deliveries.filter(({ index }) => index < at);
  return before.every(({ position }) =>
    told.some(({ asked }) => order.compare(position, asked.position) <= 0),
  );
}

function linesOf({ named }: Facts, eventguid: string): LineFacts[] {
  return [...named.lines.values()].filter((line) => line.eventguid === eventguid);
}

function ghosts({ eventguid, subscriptions }: Stored, running: ReadonlySet<string>): Violation[] {
  return subscriptions
    .filter(({ nodeId }) => !running.has(nodeId))
    .map(({ cookie, nodeId }) => ({
      kind: 'ghost',
      what: `${nodeId} does not run and holds ${cookie}`,
      eventguid,
    }));
}

function ghostNodes({ listed, running }: NodesListed): Violation[] {
  const [one, other] = [[...listed].sort().join(' '), [...running].sort().join(' ')];
  return one === other ? [] : [{ kind: 'ghost', what: `listed are the nodes ${one}; ${other} run` }];
}

function lastOf(facts: Facts, kind: 'nodes'): NodesListed | undefined {
  return facts.entries.findLast((entry): entry is typeof entry & NodesListed => entry.kind === kind);
}
