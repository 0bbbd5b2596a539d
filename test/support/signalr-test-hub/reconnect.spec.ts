import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionState, type HubConnection } from '@microsoft/signalr';
import { waitFor } from '@ringback/conformance';
import { arrived, closings, TestHubClients, transports } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
let server: TestHubServer;
beforeEach(async () => {
  server = await TestHubServer.start();
});
afterEach(async () => {
  await clients.stopAll();
  await server.close();
});

const reconnectDelaysMs = Array.from({ length: 50 }, (_, turn) => Math.min(turn, 1) * 20);

/** What a client tells of its reconnects, in order: the states it is in, and its new connection ids. */
const reconnects = (client: HubConnection) => {
  const states: string[] = [];
  const connectionIds: (string | undefined)[] = [];
  client.onreconnecting(() => void states.push(client.state));
  client.onreconnected((connectionId) => {
    states.push(client.state);
    connectionIds.push(connectionId);
  });
  return { states, connectionIds };
};

const { Reconnecting, Connected, Disconnected } = HubConnectionState;

describe('a client that reconnects by itself', () => {
  it.each(transports)(
    'comes back as another connection when its own breaks, over %s',
    async (_name, transport) => {
      const client = await clients.connect(`${server.httpUrl}/testhub`, { transport, reconnectDelaysMs });
      const { states, connectionIds } = reconnects(client);
      const before = client.connectionId!;
      expect(await client.invoke('GetCallerConnectionId')).toBe(before);
      server.drop(before);
      await arrived(connectionIds, 1, 'the way back');
      expect(states).toEqual([Reconnecting, Connected]);
      expect(connectionIds).toEqual([client.connectionId]);
      expect(client.connectionId).not.toBe(before);
      expect(await client.invoke('GetCallerConnectionId')).toBe(client.connectionId);
    },
  );

  it.each(transports)(
    'comes back to a server that was stopped and started, over %s',
    async (_name, transport) => {
      const client = await clients.connect(`${server.httpUrl}/testhub`, { transport, reconnectDelaysMs });
      const { states, connectionIds } = reconnects(client);
      const httpPort = Number(new URL(server.httpUrl).port);
      await server.close();
      server = await TestHubServer.start({ httpPort });
      await arrived(connectionIds, 1, 'the way back');
      expect(states).toEqual([Reconnecting, Connected]);
      expect(await client.invoke('Echo', 'back')).toBe('back');
    },
  );

  it('is redirected anew', async () => {
    const url = `${server.httpUrl}/redirect?numRedirects=0&baseUrl=${server.httpUrl}`;
    const client = await clients.connect(url, { reconnectDelaysMs });
    const { connectionIds } = reconnects(client);
    const before = await client.invoke<number>('GetNumRedirects');
    server.drop(client.connectionId!);
    await arrived(connectionIds, 1, 'the way back');
    expect(await client.invoke('GetCallerConnectionId')).toBe(connectionIds[0]);
    expect(await client.invoke<number>('GetNumRedirects')).toBeGreaterThan(before);
  });

  it('has no connection id when it skips negotiation', async () => {
    const options = { transport: HttpTransportType.WebSockets, skipNegotiation: true, reconnectDelaysMs };
    const client = await clients.connect(`${server.httpUrl}/testhub`, options);
    const { connectionIds } = reconnects(client);
    expect(client.connectionId).toBeNull();
    server.drop(await client.invoke<string>('GetCallerConnectionId'));
    await arrived(connectionIds, 1, 'the way back');
    expect(connectionIds).toEqual([undefined]);
    expect(await client.invoke('Echo', 'test')).toBe('test');
  });
});

describe('a client that does not', () => {
  it.each(transports)('is closed when its connection breaks, over %s', async (_name, transport) => {
    const client = await clients.connect(`${server.httpUrl}/testhub`, { transport });
    const closed = closings(client);
    server.drop(client.connectionId!);
    await arrived(closed, 1, 'the end');
    expect(client.state).toBe(Disconnected);
    expect(client.connectionId).toBeNull();
  });

  it('ends when it hears nothing for its server timeout', async () => {
    const client = await clients.connect(`${server.httpUrl}/testhub`);
    const closed = closings(client);
    client.serverTimeoutInMilliseconds = 1;
    await client.invoke('Echo', '');
    await arrived(closed, 1, 'the end');
    expect(closed).toEqual([
      new Error('Server timeout elapsed without receiving a message from the server.'),
    ]);
  });

  it('leaves nothing behind when it stops', async () => {
    const leaving = await Promise.all(
      transports.map(([, transport]) => clients.connect(`${server.httpUrl}/testhub`, { transport })),
    );
    expect(server.connectionCount).toBe(3);
    await Promise.all(leaving.map((client) => client.stop()));
    await waitFor(() => server.connectionCount === 0, 'the end of all connections');
    expect(leaving.map(({ state }) => state)).toEqual(Array.from(transports, () => Disconnected));
  });
});
