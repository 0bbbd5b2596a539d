import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { trigger } from '../support/http.js';
import type { Received, TestClient } from '../support/test-client.js';
import type { World } from '../support/world.js';

const ROUNDS = 1_000;
const AT_A_TIME = 25;

interface Round {
  readonly eventguid: string;
  /** Offsets of the two one-shots, ascending. */
  readonly cuts: readonly number[];
  /** Offset at which each client's subscription was made. */
  readonly since: ReadonlyMap<TestClient, number>;
}

/** Two one-shots race from two nodes while subscriptions arrive. */
export function describeOneShotRace(world: () => World): void {
  describe('racing one-shots', () => {
    afterEach(() => world().closeClients());

    it(`notify each subscription once and miss none, in ${ROUNDS} rounds`, async () => {
      const clients = (await Promise.all(world().nodes.map(({ url }) => world().clientsOf(3, url)))).flat();
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round += AT_A_TIME) {
        const batch = Array.from({ length: AT_A_TIME }, (_, index) => race(world(), clients, round + index));
        rounds.push(...(await Promise.all(batch)));
      }

      const expected = clients.map((client) =>
        rounds.flatMap((round) => expectedOf(round, client)).toSorted(),
      );
      const total = expected.flat().length;
      await waitFor(() => clients.flatMap(({ received }) => received).length >= total);
      await settle(world(), clients);
      const got = clients.map((client) => client.received.filter(isRace).map(describeReceived).toSorted());
      expect(got).toEqual(expected);
    });
  });
}

async function race(world: World, clients: readonly TestClient[], round: number): Promise<Round> {
  const eventguid = `race-${round}`;
  const since = new Map<TestClient, number>();
  const subscribe = async (client: TestClient): Promise<void> => {
    since.set(client, offsetOf((await client.subscribe(eventguid, `cookie-${round}`)).position));
  };
  await Promise.all(clients.filter((_, index) => index % 2 === 0).map(subscribe));
  const [first, second] = await Promise.all([
    trigger(world.node(round).url, eventguid, { removeAfterSend: true }),
    trigger(world.node(round + 1).url, eventguid, { removeAfterSend: true }),
    ...clients.filter((_, index) => index % 2 === 1).map(subscribe),
  ]);
  return {
    eventguid,
    cuts: [offsetOf(first.position), offsetOf(second.position)].toSorted((a, b) => a - b),
    since,
  };
}

/** What a client must have received of a round: the first cut after its subscription was made, if there was one. */
function expectedOf({ eventguid, cuts, since }: Round, client: TestClient): string[] {
  const made = since.get(client) ?? Number.NaN;
  const cut = cuts.find((offset) => offset > made);
  return cut === undefined ? [] : [`${eventguid} ${cut}`];
}

function isRace({ eventguid }: Received): boolean {
  return eventguid.startsWith('race-');
}

function describeReceived({ eventguid, meta }: Received): string {
  return `${eventguid} ${offsetOf(meta.position)}`;
}

function offsetOf(position: string): number {
  return Number(position.split(':')[1]);
}

/** Lets a last event pass through every node, so that whatever came too much has come too. */
async function settle(world: World, clients: readonly TestClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.subscribe('settled', 'settled')));
  await trigger(world.url, 'settled');
  await Promise.all(clients.map((client) => client.hears('settled')));
}
