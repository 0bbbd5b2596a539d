import type { NodesListed, Stored } from '../history.js';
import type { Facts } from '../facts.js';
import type { Violation } from '../violation.js';

/** When all is quiet, exactly the subscriptions that go on are stored, counted, and held by nodes that are alive. */
export function afterwards(facts: Facts): Violation[] {
  const living = lastOf(facts, 'nodes');
  const running = new Set(living?.running ?? []);
  const stored = facts.entries.filter((entry): entry is typeof entry & Stored => entry.kind === 'stored');
  return [
    ...(living ? ghostNodes(living) : []),
    ...stored.flatMap((entry) => wronglyStored(entry, facts)),
    ...stored.flatMap(wronglyCounted),
    ...stored.flatMap((entry) => ghosts(entry, running)),
  ];
}

function wronglyStored({ eventguid, subscriptions }: Stored, facts: Facts): Violation[] {
  const going = [...facts.subscriptions.values()].filter(
    ({ asked, ended }) => asked.eventguid === eventguid && !ended,
  );
  const expected = new Map(going.map(({ asked }) => [asked.cookie, asked.subscription]));
  const found = subscriptions.map(({ cookie }) => cookie);
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
