import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { stopListening, waitForConnectionsClosed } from './connections-closed.js';

const LONG_MS = 60_000;

async function serve(): Promise<{ server: Server; come: () => Socket; connected: () => Promise<Socket> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const come = (): Socket => connect(port, '127.0.0.1');
  const connected = async (): Promise<Socket> => {
    const socket = come();
    await once(server, 'connection');
    return socket;
  };
  return { server, come, connected };
}

describe('waitForConnectionsClosed', () => {
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

  it('waits until it is quiet, where no link is left', async () => {
    const { server } = await serve();
    let [isQuiet, isClosed] = [false, false];
    const closed = waitForConnectionsClosed(
      server,
      LONG_MS,
      () => 0,
      () => isQuiet,
    ).then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    isQuiet = true;
    await closed;
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('stopListening', () => {
  it('takes in whom the system has let in before, and nobody after', async () => {
    const { server, come } = await serve();
    server.on('request', (_request, response) => response.end());
    const clients = Array.from({ length: 5 }, come);
    for (const client of clients) client.write('POST / HTTP/1.0\r\n\r\n');
    await new Promise<void>((resolve) => {
      process.nextTick(resolve); // in which they have called, and been answered by the system
    });
    await stopListening(server, LONG_MS);
    for (const client of clients) expect(String((await once(client, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    await expect(once(come(), 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
