import { once } from 'node:events';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { trigger } from '../support/http.js';
import type { World } from '../support/world.js';

const TRIGGERS = 60;

/** Stock clients behind a load balancer that sends each request to another node. */
export function describeTransports(world: () => World): void {
  describe('a stock client without sticky sessions', () => {
    const sockets: Socket[] = [];
    const offsets = new Map<Socket, number[]>();

    const connect = async (options: Partial<ManagerOptions & SocketOptions>): Promise<Socket> => {
      const socket = io(world().url, { forceNew: true, ...options });
      sockets.push(socket);
      const seen: number[] = [];
      offsets.set(socket, seen);
      socket.on('ReceiveEvent', (_guid, _cookie, _data, meta: { position: string }) => {
        seen.push(Number(meta.position.split(':')[1]));
      });
      await once(socket as unknown as NodeJS.EventEmitter, 'connect');
      return socket;
    };

    const expectAll = async (socket: Socket, eventguid: string): Promise<void> => {
      expect(await socket.emitWithAck('SubscribeToEvent', eventguid, 'c')).toMatchObject({ ok: true });
      for (let count = 0; count < TRIGGERS; count++) await trigger(world().node(count).url, eventguid);
      await waitFor(() => offsets.get(socket)?.length === TRIGGERS);
      expect(offsets.get(socket)).toEqual(Array.from({ length: TRIGGERS }, (_, index) => index + 1));
    };

    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.disconnect();
    });

    it('receives everything in order by long polling alone, though every poll lands on another node', async () => {
      const socket = await connect({ transports: ['polling'] });
      await expectAll(socket, 'by-polling');
      expect(socket.connected).toBe(true);
    });

    it('receives everything in order with default options, while it upgrades to WebSocket', async () => {
      const socket = await connect({});
      await expectAll(socket, 'by-upgrade');
      await waitFor(() => socket.io.engine.transport.name === 'websocket');
    });

    it('is never told "Session ID unknown"', async () => {
      const url = `${world().url}/socket.io/?EIO=4&transport=polling`;
      const gone = [`${world().node(0).nodeId}.never`, 'nobody.x', 'x'];
      for (const sid of gone) {
        const response = await fetch(`${url}&sid=${sid}`);
        expect(await response.json()).toMatchObject({ code: 'transport-session-not-found' });
        expect(response.status).toBe(404);
      }
    });
  });
}
