import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { refusals } from './gateway-refusal.js';
import { waitFor } from './wait-for.js';

/** How somebody goes. */
type Leave = (client: GatewayClient, eventguid: string) => Promise<void> | void;

/** Who takes part in an event, and who sees it. */
export function describePresence(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  const present = async (eventguid: string, cookie: string, node: 0 | 1 = 0): Promise<GatewayClient> => {
    const client = await cluster().connect(node);
    await client.subscribe(eventguid, cookie, { presence: true });
    return client;
  };

  /** The names under which the store knows who left these cookies. */
  const namesOf = async (eventguid: string, ...cookies: readonly string[]): Promise<readonly string[]> => {
    const stored = await cluster().stored(eventguid);
    return cookies.map((cookie) => stored.find((one) => one.cookie === cookie)?.subscriber ?? 'nobody');
  };

  const untilSeen = async (client: GatewayClient, eventguid: string, names: readonly string[]) => {
    const wanted = [...names].sort();
    const sees = () => JSON.stringify(membersSeen(client, eventguid)) === JSON.stringify(wanted);
    await waitFor(sees, `a client that sees ${wanted.length} members`);
  };

  it('shows who is there, on whichever node, and begins with a snapshot', async () => {
    const eventguid = randomUUID();
    const clients = [await present(eventguid, 'a', 0), await present(eventguid, 'b', 1)];
    clients.push(await present(eventguid, 'c', 0));
    const names = await namesOf(eventguid, 'a', 'b', 'c');
    for (const client of clients) {
      await untilSeen(client, eventguid, names);
      expect(client.presences[0]?.presence.kind).toBe('snapshot');
    }
  });

  const leaves: readonly (readonly [how: string, go: Leave])[] = [
    ['closes', (client) => client.close()],
    ['is cut off', (client) => client.destroy()],
    ...(can.unsubscribes
      ? [
          [
            'unsubscribes',
            (client: GatewayClient, eventguid: string) => client.unsubscribe(eventguid),
          ] as const,
        ]
      : []),
  ];

  it.each(leaves)('tells who is left that one %s', async (_how, go) => {
    const eventguid = randomUUID();
    const [here, there] = [await present(eventguid, 'here', 0), await present(eventguid, 'there', 1)];
    const leaving = await present(eventguid, 'leaving', 1);
    const names = await namesOf(eventguid, 'here', 'there', 'leaving');
    for (const client of [here, there]) await untilSeen(client, eventguid, names);
    await go(leaving, eventguid);
    for (const client of [here, there]) await untilSeen(client, eventguid, names.slice(0, 2));
  });

  it('neither shows nor tells those who did not ask', async () => {
    const eventguid = randomUUID();
    const silent = await cluster().connect();
    await silent.subscribe(eventguid, 'silent');
    const [first, second] = [await present(eventguid, 'first', 0), await present(eventguid, 'second', 1)];
    const names = await namesOf(eventguid, 'first', 'second');
    for (const client of [first, second]) await untilSeen(client, eventguid, names);
    await first.trigger(eventguid, 'data');
    for (const client of [silent, first, second]) expect(await deliveredData(client, 1)).toEqual(['data']);
    expect(silent.presences).toEqual([]);
  });

  it('shows each event its own', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const [here, there] = [await present(one, 'here', 0), await present(two, 'there', 1)];
    await untilSeen(here, one, await namesOf(one, 'here'));
    await untilSeen(there, two, await namesOf(two, 'there'));
    await here.subscribe(two, 'here too', { presence: true });
    const names = await namesOf(two, 'there', 'here too');
    for (const client of [here, there]) await untilSeen(client, two, names);
    expect(membersSeen(here, one)).toEqual(await namesOf(one, 'here'));
    expect(membersSeen(there, one)).toBeUndefined();
  });

  if (can.named) {
    it('is refused to named subscribers, whose subscriptions stand while they are away', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect(0, { subscriberId: `worker ${randomUUID()}` });
      const attempt = client.subscribe(eventguid, 'cookie', { presence: true });
      await refusals(can)(attempt, 'bad-request');
      expect(await cluster().stored(eventguid)).toEqual([]);
    });
  }
}

/** Who is there, after all that the client was told of the event, sorted; `undefined` before it was told everything once. */
function membersSeen(client: GatewayClient, eventguid: string): readonly string[] | undefined {
  let members: Set<string> | undefined;
  for (const { presence } of client.presences.filter((seen) => seen.eventguid === eventguid)) {
    if (presence.kind === 'snapshot') members = new Set(presence.members);
    else if (presence.kind === 'join') members?.add(presence.member);
    else members?.delete(presence.member);
  }
  return members && [...members].sort();
}
