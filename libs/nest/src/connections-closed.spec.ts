import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { waitForConnectionsClosed } from './connections-closed.js';

const LONG_MS = 60_000;

describe('waitForConnectionsClosed', () => {
  async function serve(): Promise<{ server: Server; connected: () => Promise<Socket> }> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connected = async (): Promise<Socket> => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(server, 'connection');
      return socket;
    };
    return { server, connected };
  }

  it('waits for the links of clients, and not for those that others are to close', async () => {
    const { server, connected } = await serve();
    const [client, other] = [await connected(), await connected()];
    let isClosed = false;
    const closed = waitForConnectionsClosed(server, LONG_MS, () => 1).then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    client.destroy();
    await closed;
    other.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
