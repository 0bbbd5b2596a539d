import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HubConnectionState } from '@microsoft/signalr';
import { waitFor } from '@ringback/conformance';
import { TestHubClients, transports } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
let server: TestHubServer;
let nowMs = Date.now();
beforeAll(async () => {
  server = await TestHubServer.start({ nowMs: () => nowMs });
});
afterEach(async () => clients.stopAll());
afterAll(async () => server.close());

const getToken = async (): Promise<string> => (await fetch(`${server.httpUrl}/generateJwtToken`)).text();
const negotiate = async (query: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(`${server.httpUrl}/authorizedhub/negotiate${query}`, { method: 'POST', headers })).status;

describe('the authorised hub', () => {
  it.each(transports)('lets a token in over %s', async (_name, transport) => {
    const client = await clients.connect(`${server.httpUrl}/authorizedhub`, {
      transport,
      accessTokenFactory: getToken,
    });
    expect(await client.invoke('Echo', 'hello')).toBe('hello');
  });

  it.each(transports)('lets nobody in without one over %s', async (_name, transport) => {
    await expect(clients.connect(`${server.httpUrl}/authorizedhub`, { transport })).rejects.toThrow(
      "Failed to complete negotiation with the server: Error: Unauthorized: Status code '401'",
    );
  });

  it('takes the token from the header or the query, while it is valid', async () => {
    const token = await getToken();
    expect(await negotiate('', { authorization: `Bearer ${token}` })).toBe(200);
    expect(await negotiate(`?access_token=${token}`)).toBe(200);
    const [head = '', claims = ''] = token.split('.');
    expect(await negotiate(`?access_token=${head}.${claims}.AAAA`)).toBe(401);
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await negotiate(`?access_token=${unsigned}.${claims}.`)).toBe(401);
    nowMs += 3_600_000;
    expect(await negotiate('', { authorization: `Bearer ${token}` })).toBe(401);
  });

  it('refuses the requests of an open connection while its token is expired', async () => {
    const headers = { authorization: `Bearer ${await getToken()}` };
    const ask = (query: string, method = 'GET'): Promise<Response> =>
      fetch(`${server.httpUrl}/authorizedhub${query}`, { method, headers });
    const negotiated: unknown = await (await ask('/negotiate?negotiateVersion=1', 'POST')).json();
    const { connectionToken } = negotiated as { readonly connectionToken: string };
    const poll = `?id=${connectionToken}`;
    expect((await ask(poll)).status).toBe(200);
    nowMs += 3_600_000;
    for (const method of ['GET', 'POST', 'DELETE']) expect((await ask(poll, method)).status).toBe(401);
    nowMs -= 3_600_000;
    expect((await ask(poll, 'DELETE')).status).toBe(202);
  });

  it('asks a client that reconnects for its token again', async () => {
    let asked = 0;
    const client = await clients.connect(`${server.httpUrl}/authorizedhub`, {
      reconnectDelaysMs: [0],
      accessTokenFactory: () => {
        asked += 1;
        return getToken();
      },
    });
    const before = asked;
    nowMs += 3_600_000;
    server.drop(client.connectionId!);
    await waitFor(() => asked > before && client.state === HubConnectionState.Connected, 'the way back');
    expect(await client.invoke('Echo', 'hello')).toBe('hello');
  });
});

describe('what a client sends with its requests', () => {
  it.each(transports)('is seen by the hub over %s', async (name, transport) => {
    const headers = { 'X-HEADER': 'VALUE', 'User-Agent': 'Custom Agent' };
    const client = await clients.connect(`${server.httpUrl}/testhub?tenant=7`, { transport, headers });
    expect(await client.invoke('GetHeader', 'x-header')).toBe('VALUE');
    expect(await client.invoke('GetHeader', 'User-Agent')).toBe('Custom Agent');
    expect(await client.invoke('GetHeader', 'X-Missing')).toBeNull();
    expect(await client.invoke('GetActiveTransportName')).toBe(name);
  });

  it.each(transports)(
    'has the HTTP cookies of its negotiation over %s, but none that expired',
    async (_, transport) => {
      const client = await clients.connect(`${server.httpUrl}/testhub`, { transport });
      expect(await client.invoke('GetHeader', 'User-Agent')).toMatch(/^Microsoft SignalR\/10\.0 \(/);
      expect(await client.invoke('GetCookie', 'testCookie')).toBe('testValue');
      expect(await client.invoke('GetCookie', 'testCookie2')).toBe('testValue2');
      expect(await client.invoke('GetCookie', 'expiredCookie')).toBeNull();
    },
  );
});
