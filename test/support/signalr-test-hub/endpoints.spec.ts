import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpTransportType, JsonHubProtocol, type IHubProtocol } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { TestHubClients, transports } from './test-hub-clients.js';
import { TestHubServer } from './test-hub-server.js';

const clients = new TestHubClients();
let server: TestHubServer;
beforeAll(async () => {
  server = await TestHubServer.start();
});
afterEach(async () => clients.stopAll());
afterAll(async () => server.close());

const page = 'https://page.example';

describe('the paths of the test hub', () => {
  it.each(['/TestHub', '/TESTHUB/', '/testHub?x=1'])('are found in any case: %s', async (path) => {
    const client = await clients.connect(server.httpUrl + path);
    expect(await client.invoke('Echo', 'a')).toBe('a');
  });

  it('send a client on as often as it comes', async () => {
    const url = `${server.httpUrl}/redirect?numRedirects=0&baseUrl=${server.httpUrl}`;
    const counts: number[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const client = await clients.connect(url);
      expect(await client.invoke('GetCallerConnectionId')).toBe(client.connectionId);
      counts.push(await client.invoke<number>('GetNumRedirects'));
      await client.stop();
    }
    expect(counts[1]! - counts[0]!).toBe(1);
    expect(counts[0]).toBeGreaterThan(0);
  });

  it('give a client only what a hub offers', async () => {
    const url = `${server.httpUrl}/testhub-nowebsockets`;
    const transportOf = async (protocol: IHubProtocol): Promise<string> =>
      (await clients.connect(url, { protocol })).invoke('GetActiveTransportName');
    expect(await transportOf(new JsonHubProtocol())).toBe('ServerSentEvents');
    expect(await transportOf(new MessagePackHubProtocol())).toBe('LongPolling');
    const locked = clients.connect(url, { transport: HttpTransportType.WebSockets });
    await expect(locked).rejects.toThrow(
      'Unable to connect to the server with any of the available transports.',
    );
  });

  it.each(transports)('serve a client that insists on %s', async (name, transport) => {
    const client = await clients.connect(`${server.httpUrl}/testhub`, { transport });
    expect(await client.invoke('GetActiveTransportName')).toBe(name);
  });

  it('refuse negotiation where that is asked for', async () => {
    await expect(clients.connect(`${server.httpUrl}/bad-negotiate`)).rejects.toThrow(
      "Failed to complete negotiation with the server: Error: Some response from server: Status code '400'",
    );
  });

  it('redirect an HTTP request to the echo', async () => {
    const answer = await fetch(`${server.httpUrl}/echoredirect/negotiate?negotiateVersion=1`, {
      method: 'POST',
    });
    expect(await answer.json()).toMatchObject({ negotiateVersion: 1, connectionId: expect.any(String) });
    expect(answer.url).toBe(`${server.httpUrl}/echo/negotiate?negotiateVersion=1`);
  });

  it('answer 404 to what is not there', async () => {
    expect((await fetch(`${server.httpUrl}/nothing`)).status).toBe(404);
    expect(await (await fetch(`${server.httpUrl}/clientresult/nobody`)).text()).toBe(
      "Connection 'nobody' does not exist.",
    );
  });
});

describe('a page of another site', () => {
  it.each(['/testhub/negotiate', '/echo', '/generateJwtToken', '/bad-negotiate/negotiate'])(
    'may come in, with credentials: %s',
    async (path) => {
      const preflight = await fetch(server.httpUrl + path, {
        method: 'OPTIONS',
        headers: {
          origin: page,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-requested-with,x-signalr-user-agent',
        },
      });
      expect(preflight.status).toBe(204);
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': 'x-requested-with,x-signalr-user-agent',
      });
    },
  );

  it.each([
    ['/testhub/negotiate', 'POST', 200],
    ['/testhub?id=unknown', 'GET', 404],
    ['/authorizedhub/negotiate', 'POST', 401],
    ['/generateJwtToken', 'GET', 200],
    ['/bad-negotiate/negotiate', 'POST', 400],
    ['/nothing', 'GET', 404],
  ])('sees the answer of %s: %s %i', async (path, method, status) => {
    const answer = await fetch(server.httpUrl + path, { method, headers: { origin: page } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(page);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  });
});
