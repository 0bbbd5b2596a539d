import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClientAddress } from './client-address.js';
import { PendingConnections } from './pending-connections.js';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A client that says where it comes from. */
const upgradeFrom = (address: string): string =>
  `GET / HTTP/1.1\r\nHost: a\r\nX-From: ${address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

const saidAddress: ClientAddress = ({ headers }) => headers['x-from'] as string | undefined;

describe('PendingConnections', () => {
  let pending: PendingConnections;
  let server: Server;
  let upgraded: Duplex[];
  let answered: number;
  const clients: Socket[] = [];

  beforeEach(async () => {
    pending = new PendingConnections({ max: 3, maxPerAddress: 2, clientAddress: saidAddress });
    [upgraded, answered] = [[], 0];
    server = createServer((request, response) => {
      pending.admit(request.socket);
      answered++;
      response.end('done');
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      socket.on('error', () => socket.destroy());
      pending.upgrade(request, () => upgraded.push(socket.resume()));
    });
    pending.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    for (const client of clients.splice(0)) client.destroy();
    for (const socket of upgraded) socket.destroy();
    pending.close();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  async function client(text = ''): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    if (text !== '') socket.write(text);
    return socket;
  }

  it('are 2,000 a node, and 200 of an address, by default', () => {
    expect(DEFAULT_LIMITS).toMatchObject({ pendingConnections: 2_000, pendingConnectionsPerAddress: 200 });
  });

  it('make way with their first request', async () => {
    for (let count = 0; count < 10; count++) await client(GET);
    await waitFor(() => answered === 10);
    expect([pending.size, pending.waiting]).toEqual([0, 0]);
  });

  it('keep nothing of a socket that has made way, or has ended before', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const cleared = jest.spyOn(globalThis, 'clearTimeout');
    await client(GET);
    (await client()).destroy();
    await waitFor(() => answered === 1 && pending.size === 0);
    const limits = timers.mock.results.filter((_, index) => timers.mock.calls[index]?.[1] === 20_000);
    expect(limits).toHaveLength(2);
    for (const { value } of limits) expect(cleared).toHaveBeenCalledWith(value as NodeJS.Timeout);
  });

  it('hold others up that are accepted and served later, with all that they have sent meanwhile', async () => {
    const silent = [await client(), await client(), await client()];
    await waitFor(() => pending.size === 3);
    const body = 'x'.repeat(500_000);
    const late = await client(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const answer = once(late, 'data');
    await waitFor(() => pending.waiting === 1);
    expect(answered).toBe(0);
    silent[0]?.destroy();
    expect(String((await answer)[0])).toMatch(/^HTTP\/1.1 200/);
    await waitFor(() => pending.size === 2);
    expect(pending.waiting).toBe(0);
  });

  it('stay until the client of an upgrade is admitted', async () => {
    for (let count = 0; count < 3; count++) await client(upgradeFrom(`10.0.0.${count}`));
    await waitFor(() => upgraded.length === 3);
    await client(GET);
    await waitFor(() => pending.waiting === 1);
    pending.admit(upgraded[1]);
    pending.admit(upgraded[1]);
    await waitFor(() => answered === 1);
    expect(pending.size).toBe(2);
  });

  it('are fewer of one address, where a request says whose it is; others pass by', async () => {
    const first = await client(upgradeFrom('a'));
    await client(upgradeFrom('a'));
    await waitFor(() => upgraded.length === 2);
    for (let count = 0; count < 5; count++) await client(upgradeFrom('a'));
    await waitFor(() => pending.waiting === 5);
    await client(upgradeFrom('b'));
    await waitFor(() => upgraded.length === 3);
    expect(pending.waiting).toBe(5);
    first.resetAndDestroy();
    await waitFor(() => upgraded.length === 4);
    expect(pending.waiting).toBe(4);
  });

  it('are closed with the server when they are not served yet, and hold up nobody any more', async () => {
    for (let count = 0; count < 3; count++) await client();
    const late = await client(GET);
    await waitFor(() => pending.waiting === 1);
    pending.close();
    await waitFor(() => late.closed);
    await client(GET);
    await waitFor(() => answered === 1);
  });
});
