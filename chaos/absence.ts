import { sessionsAway } from '../test/scenarios/named-operator.js';
import { checkConnections } from './check.js';
import type { History } from './history.js';
import type { NamedSubscriber } from './named-subscriber.js';
import { until } from './quiet.js';
import type { Surroundings } from './surroundings.js';

/** Replaced connections that nobody could be told of are found now and then only. */
const LISTED_WITHIN_MS = 60_000;

/** Every second one goes away. */
export function leaveSome(named: readonly NamedSubscriber[]): void {
  for (const [index, subscriber] of named.entries()) if (index % 4 < 2) subscriber.leave();
}

/** Records which sessions the hub says are away, as soon as it is right; after a while, as it is. */
export async function recordSessions(
  { nodes }: Surroundings,
  named: readonly NamedSubscriber[],
  history: History,
): Promise<void> {
  const from = history.nowMs;
  const away = named.filter(({ isAway }) => isAway).map(({ name }) => `n:anonymous/${name}`);
  let listed: readonly string[] = [];
  await until(LISTED_WITHIN_MS, async () => {
    listed = await sessionsAway(nodes[0]?.url ?? '');
    const now = { kind: 'sessions', listed, away, at: history.nowMs } as const;
    return checkConnections([...history.entries, now], { losesNothing: true }).length === 0;
  });
  history.add({ kind: 'sessions', listed, away });
  history.add({ kind: 'noted', what: `sessions listed, or given up, after ${history.nowMs - from} ms` });
}
