import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { subscriptions } from '../support/http.js';
import type { World } from '../support/world.js';

/** Operators find, count and close connections from any node. */
export function describeConnections(world: () => World): void {
  describe('connections', () => {
    afterEach(() => world().closeClients());

    it('are found, counted and closed from any node, and do not come back', async () => {
      const clients = await Promise.all(world().nodes.map(({ url }) => world().client(url)));
      const [target, ...others] = clients;
      await target!.subscribe('closed-by-operator', 'c');
      const path = `/v1/connections/${target!.socket.id}`;

      for (const { url } of world().nodes) {
        expect(await (await fetch(url + path)).json()).toMatchObject({
          connectionId: target!.socket.id,
          nodeId: world().node(0).nodeId,
          gateway: 'socketio',
        });
        await waitFor(async () => (await countAt(url)) === clients.length);
      }

      const closed = once(target!.socket as unknown as NodeJS.EventEmitter, 'disconnect');
      const told = once(target!.socket as unknown as NodeJS.EventEmitter, 'HubClose');
      expect((await fetch(world().node(1).url + path, { method: 'DELETE' })).status).toBe(204);

      expect(await told).toEqual([expect.objectContaining({ name: 'closed-by-operator', code: 4501 })]);
      expect(await closed).toEqual(['io server disconnect', undefined]);
      await waitFor(async () => (await subscriptions(world().url, 'closed-by-operator')).length === 0);
      await waitFor(async () => (await fetch(world().node(2).url + path)).status === 404);
      expect((await fetch(world().node(2).url + path, { method: 'DELETE' })).status).toBe(404);
      expect(others.every(({ socket }) => socket.connected)).toBe(true);
    });

    it('lose one subscription when an operator ends it at another node, and keep the rest', async () => {
      const client = await world().client(world().node(0).url);
      await client.subscribe('ended-by-operator', 'a');
      await client.subscribe('kept-by-operator', 'b');
      const subscriber = encodeURIComponent(`c:${client.socket.id}`);

      const response = await fetch(
        `${world().node(1).url}/v1/events/ended-by-operator/subscriptions/${subscriber}`,
        {
          method: 'DELETE',
        },
      );

      expect(response.status).toBe(204);
      expect(await subscriptions(world().url, 'ended-by-operator')).toEqual([]);
      expect(await subscriptions(world().url, 'kept-by-operator')).toHaveLength(1);
    });
  });
}

async function countAt(url: string): Promise<number> {
  const body = (await (await fetch(`${url}/v1/connections`)).json()) as Record<string, number>;
  return Number(Object.values(body)[0]);
}
