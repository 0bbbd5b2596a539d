import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { Presence } from '@ringback/contract';
import { trigger } from '../support/http.js';
import { startOwnRedis, type RestartableRedis } from '../support/redis-servers.js';
import type { TestClient } from '../support/test-client.js';
import { World } from '../support/world.js';

const LEASE_MS = 3_000;
const PER_NODE = 3;

/** What those who take part in an event hear of each other when a node dies. */
export function describePresence(): void {
  describe('presence, on three nodes', () => {
    let redis: RestartableRedis;
    let world: World;

    beforeEach(async () => {
      redis = await startOwnRedis();
      world = await World.start({
        redisUrl: redis.url,
        nodes: 3,
        env: { RINGBACK_NODE_LEASE_MS: String(LEASE_MS) },
      });
    });
    afterEach(async () => {
      await world.close();
      await redis.close();
    });

    it('tells those who are left of each leave exactly once when a node was killed, within the time of its lease', async () => {
      const perNode = await Promise.all(world.nodes.map(({ url }) => world.clientsOf(PER_NODE, url)));
      const heard = new Map<string, Presence[]>();
      for (const { socket } of perNode.flat()) {
        const presences: Presence[] = [];
        heard.set(`c:${socket.id}`, presences);
        socket.on('ReceivePresence', (_eventguid: string, presence: Presence) => presences.push(presence));
      }
      for (const client of perNode.flat())
        expect(await client.call('SubscribeToEvent', 'e', 'c', { presence: true })).toMatchObject({
          ok: true,
        });
      const [first = [], killed = [], last = []] = perNode;
      const all = [...heard.keys()].sort();
      await waitFor(
        () => [...heard.values()].every((presences) => isSame(presentIn(presences), all)),
        'everybody sees everybody',
      );
      for (const presences of heard.values()) presences.splice(0);

      const gone = killed.map(({ socket }) => `c:${socket.id}`);
      await world.node(1).stop('SIGKILL');
      const left = [...first, ...last].map(({ socket }) => heard.get(`c:${socket.id}`) ?? []);
      expect(left.length).toBe(2 * PER_NODE);
      await waitFor(
        () => left.every((presences) => leavesIn(presences).length >= gone.length),
        'the leaves',
        3 * LEASE_MS,
      );
      await probe(world, 'e', [...first, ...last]);

      for (const presences of left) expect(leavesIn(presences).sort()).toEqual(gone.toSorted());
    });
  });
}

function leavesIn(presences: readonly Presence[]): string[] {
  return presences.flatMap((presence) => (presence.kind === 'leave' ? [presence.member] : []));
}

/** Who is there, by what was told. */
function presentIn(presences: readonly Presence[]): string[] {
  let present = new Set<string>();
  for (const presence of presences) {
    if (presence.kind === 'snapshot') present = new Set(presence.members);
    else if (presence.kind === 'join') present.add(presence.member);
    else present.delete(presence.member);
  }
  return [...present].sort();
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}

/** Whatever was on its way before has come when this resolves. */
async function probe(world: World, eventguid: string, clients: readonly TestClient[]): Promise<void> {
  await trigger(world.node(0).url, eventguid);
  await Promise.all(clients.map((client) => client.hears(eventguid)));
}
