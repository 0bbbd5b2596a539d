import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { subscriptions } from '../support/http.js';
import type { World } from '../support/world.js';
import { EXTENDED_HUB, SignalRClients, WAYS, WITHIN_MS } from './signalr-client.js';

/** Operators find, count and close connections of SignalR from any node. */
export function describeSignalROperators(world: () => World): void {
  describe('connections of SignalR', () => {
    const clients = new SignalRClients();

    afterEach(() => clients.close());

    it.each(WAYS)(
      'over %s with %s are found, counted and closed from any node, and do not come back',
      async (transport, protocol) => {
        const options = { url: world().url, hub: EXTENDED_HUB, transport, protocol, reconnects: true };
        const client = await clients.connect(options);
        const eventguid = `closed by operator ${transport} ${protocol}`;
        await client.subscribe(eventguid, 'c');
        const [held] = await subscriptions(world().url, eventguid);
        const { connectionId } = client.connection;
        const path = `/v1/connections/${encodeURIComponent(connectionId ?? '')}`;

        for (const { url } of world().nodes) {
          const found: unknown = await (await fetch(url + path)).json();
          expect(found).toEqual({ connectionId, nodeId: held!.nodeId, gateway: 'signalr' });
          await waitFor(async () => (await countAt(url)) === 1, 'one connection', WITHIN_MS);
        }
        const other = world().nodes.find(({ nodeId }) => nodeId !== held!.nodeId)!;
        expect((await fetch(other.url + path, { method: 'DELETE' })).status).toBe(204);

        await waitFor(() => client.closed, 'the end of the connection', WITHIN_MS);
        expect(client.closeReasons).toEqual([
          expect.objectContaining({ name: 'closed-by-operator', code: 4501 }),
        ]);
        expect(client.reconnections).toBe(0);
        for (const { url } of world().nodes)
          await waitFor(async () => (await fetch(url + path)).status === 404, 'its end', WITHIN_MS);
        expect(await subscriptions(world().url, eventguid)).toEqual([]);
      },
    );
  });
}

async function countAt(url: string): Promise<number> {
  const body = (await (await fetch(`${url}/v1/connections`)).json()) as Record<string, number>;
  return Number(Object.values(body)[0]);
}
