import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { metric, trigger } from '../support/http.js';
import type { TestClient } from '../support/test-client.js';
import type { World } from '../support/world.js';

const SUBSCRIBERS = 250;

/** MDriven's first use case: a device exposes one event, 250 services subscribe, each with its own cookie. */
export function describeMultisender(world: () => World): void {
  describe('multisender', () => {
    afterEach(() => world().closeClients());

    it('rings 250 subscribers on all nodes with one trigger, each with its own cookie, none twice', async () => {
      const clients = await subscribeAll(world(), 'movement-detected');
      await expectEveryNodeToHoldSome(world());

      const answer = await trigger(world().node(0).url, 'movement-detected', { data: 'hall' });

      expect(answer).toMatchObject({ eventguid: 'movement-detected', subscribers: SUBSCRIBERS });
      await expectOneEach(clients, 'movement-detected');
      const positions = new Set(clients.map((client) => client.of('movement-detected')[0]?.meta.position));
      expect([...positions]).toEqual([answer.position]);
    });

    it('rings the 230 others without delay when 20 have just been destroyed without goodbye', async () => {
      const clients = await subscribeAll(world(), 'movement-again');
      const dead = clients.slice(0, 20);
      const alive = clients.slice(20);

      for (const client of dead) client.destroy();
      await trigger(world().node(1).url, 'movement-again');

      await expectOneEach(alive, 'movement-again');
      expect(dead.flatMap((client) => client.received)).toEqual([]);
      await waitFor(async () => (await trigger(world().url, 'movement-again')).subscribers === alive.length);
    });
  });
}

async function subscribeAll(world: World, eventguid: string): Promise<TestClient[]> {
  const clients = await world.clientsOf(SUBSCRIBERS);
  await Promise.all(
    clients.map((client, index) => client.subscribe(eventguid, `Viewmodel=Light&RootId=${index}!`)),
  );
  return clients;
}

async function expectOneEach(clients: readonly TestClient[], eventguid: string): Promise<void> {
  await Promise.all(clients.map((client) => client.hears(eventguid)));
  const cookies = clients.map((client) => client.of(eventguid).map(({ cookie }) => cookie));
  expect(new Set(cookies.flat()).size).toBe(clients.length);
  expect(cookies.every((own) => own.length === 1)).toBe(true);
}

async function expectEveryNodeToHoldSome(world: World): Promise<void> {
  const held = (): Promise<number[]> =>
    Promise.all(world.nodes.map(({ url }) => metric(url, 'ringback_subscriptions')));
  await waitFor(async () => sumOf(await held()) === SUBSCRIBERS, 'all subscriptions in the metrics');
  expect(Math.min(...(await held()))).toBeGreaterThan(SUBSCRIBERS / (2 * world.nodes.length));
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
