import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { trigger } from '../support/http.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { World } from '../support/world.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClients } from './signalr-client.js';

const CUTS = 5;
const TRIGGERS_BETWEEN = 20;

/** A network that breaks, and clients that continue the same connection on another socket. */
export function describeSignalRStateful(world: () => World): void {
  describe('stateful reconnect', () => {
    const clients = new SignalRClients();
    let network: TcpProxy | undefined;

    afterEach(async () => {
      await clients.close();
      await network?.close();
    });

    it.each([
      [EVENT_HUB, 'json'],
      [EVENT_HUB, 'messagepack'],
      [EXTENDED_HUB, 'json'],
      [EXTENDED_HUB, 'messagepack'],
    ] as const)(
      'at %s with %s loses and doubles nothing when the network is cut again and again',
      async (hub, protocol) => {
        const eventguid = `stateful ${hub} ${protocol}`;
        network = await TcpProxy.start(world().url);
        const client = await clients.connect({ url: network.url, hub, protocol, stateful: true });
        await client.subscribe(eventguid, 'c');
        const { connectionId } = client.connection;

        const sent: string[] = [];
        for (let cut = 0; cut < CUTS; cut++) {
          for (let count = 0; count < TRIGGERS_BETWEEN; count++) {
            if (count === TRIGGERS_BETWEEN / 2) network.cut();
            sent.push(`${cut} ${count}`);
            await trigger(world().node(count).url, eventguid, { data: sent.at(-1) });
          }
          await client.hears(eventguid, sent.length);
        }

        expect(client.data(eventguid)).toEqual(sent);
        expect(client.connection.connectionId).toBe(connectionId);
        expect(client.closed).toBe(false);
      },
    );

    it('carries out a command once that is called while the network is cut', async () => {
      network = await TcpProxy.start(world().url);
      const client = await clients.connect({ url: network.url, hub: EXTENDED_HUB, stateful: true });
      await client.subscribe('stateful commands', 'c');
      const offsets: number[] = [];
      for (let count = 1; count <= 20; count++) {
        const answer = client.trigger('stateful commands', `${count}`);
        if (count % 4 === 0) network.cut();
        if (count % 4 === 2) await pause(1); // so that some calls are on their way and some are answered
        offsets.push(Number((await answer).position.split(':')[1]));
      }

      expect(offsets).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      await client.hears('stateful commands', 20);
      expect(client.data('stateful commands')).toEqual(offsets.map(String));
    });
  });
}
