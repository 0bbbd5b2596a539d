import { Disturbances } from '../disturbances.js';
import type { Delivered } from '../history.js';
import type { Facts } from '../facts.js';
import type { Placed } from '../placed.js';
import type { ConnectionFacts } from '../named-facts.js';
import type { SessionsListed } from '../named-happenings.js';
import type { Violation } from '../violation.js';
import { about } from './deliveries.js';

/** An older connection hears at once that it was replaced, where nothing comes between the nodes and Redis; the rest is for a busy machine. */
const TOLD_WITHIN_MS = 3_000;

/** Of two connections of one named subscriber the newer one wins, and only then; who is away is listed as away. */
export function namedConnections(facts: Facts, losesNothing: boolean): Violation[] {
  const connections = [...facts.named.connections.values()];
  return [
    ...connections.flatMap((connection) => replacedByNobody(connection, connections)),
    ...stillThere(connections, facts),
    ...(losesNothing ? deliveredToReplaced(facts, connections) : []),
    ...facts.entries.flatMap((entry) => (entry.kind === 'sessions' ? wronglyAway(entry) : [])),
  ];
}

function replacedByNobody(
  { connecting, replaced }: ConnectionFacts,
  all: readonly ConnectionFacts[],
): Violation[] {
  if (!replaced) return [];
  const { subscriber, connection, index } = connecting;
  const isExplained = all.some(
    (other) =>
      (isNewer(other, connecting) && other.connecting.index < replaced.index) ||
      mayComeLate(other, connecting, index),
  );
  if (isExplained) return [];
  const what = `connection ${connection} of ${subscriber} was closed as replaced, and no newer one had been begun`;
  return [{ kind: 'replaced', what, subscription: subscriber }];
}

/** An older one of which nothing was heard before the newer was begun: the hub may have seen it later. */
function mayComeLate(
  { connecting, served }: ConnectionFacts,
  newer: ConnectionFacts['connecting'],
  begunAt: number,
): boolean {
  const isOlder = connecting.subscriber === newer.subscriber && connecting.connection < newer.connection;
  return isOlder && (served === undefined || served.index > begunAt);
}

/** When all is quiet, nobody is connected twice. */
function stillThere(all: readonly ConnectionFacts[], { entries }: Facts): Violation[] {
  const quiet = entries.findLastIndex(({ kind }) => kind === 'sessions');
  return all
    .filter(({ connecting, ended, nodeId }) => {
      const isOpen = nodeId !== undefined && (ended === undefined || ended.index > quiet);
      return (
        connecting.index < quiet &&
        isOpen &&
        all.some((other) => isNewer(other, connecting) && isOpenAt(other, quiet))
      );
    })
    .map(({ connecting: { subscriber, connection } }) => {
      const what = `connection ${connection} of ${subscriber} is still there, though a newer one has the session`;
      return { kind: 'replaced', what, subscription: subscriber };
    });
}

/** What comes to an older connection long after a newer one has acknowledged, and so has the session. */
function deliveredToReplaced(facts: Facts, all: readonly ConnectionFacts[]): Violation[] {
  const disturbances = new Disturbances(facts.entries);
  return facts.deliveries.flatMap((delivery) => {
    const connection = facts.named.connections.get(delivery.connection ?? 0);
    if (!connection) return [];
    const isLate = all.some(
      (newer) => isNewer(newer, connection.connecting) && isToldBy(newer, connection, delivery, disturbances),
    );
    const what = `${delivery.position} came to connection ${connection.connecting.connection}, long after a newer one had acknowledged`;
    return isLate ? [about('replaced', delivery, what)] : [];
  });
}

function isToldBy(
  newer: ConnectionFacts,
  older: ConnectionFacts,
  { at }: Placed<Delivered>,
  disturbances: Disturbances,
): boolean {
  const { acknowledgedAt, connecting } = newer;
  if (acknowledgedAt === undefined || at < acknowledgedAt + TOLD_WITHIN_MS) return false;
  if (newer.nodeId === undefined || older.nodeId === undefined) return false;
  return disturbances.hasCalm([newer.nodeId, older.nodeId], connecting.at, at, at - connecting.at);
}

function wronglyAway({ listed, away }: SessionsListed): Violation[] {
  const [one, other] = [listed.toSorted().join(' '), away.toSorted().join(' ')];
  return one === other ? [] : [{ kind: 'session', what: `listed as away are "${one}"; "${other}" are` }];
}

function isNewer({ connecting }: ConnectionFacts, than: ConnectionFacts['connecting']): boolean {
  return connecting.subscriber === than.subscriber && connecting.connection > than.connection;
}

function isOpenAt({ connecting, nodeId, ended }: ConnectionFacts, index: number): boolean {
  return nodeId !== undefined && connecting.index < index && (ended === undefined || ended.index > index);
}
