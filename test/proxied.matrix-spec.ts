import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionBuilder } from '@microsoft/signalr';
import { RingbackClient } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { WebSocket } from 'ws';
import { startHubNode } from '../scripts/hub-node.mjs';
import { freePort } from '../scripts/processes.mjs';
import { PROXY_NAMES, startProxy, type Proxy } from './support/proxy.js';

const ENV = {
  LOG_LEVEL: 'warn',
  RINGBACK_SHUTDOWN_DELAY_MS: '0',
  RINGBACK_DRAIN_MS: '0',
  RINGBACK_TRUSTED_PROXIES: 'loopback',
  RINGBACK_SIGNALR_POLL_TIMEOUT_MS: '1000',
};

const EVENTGUIDS = ['a/b', 'a/../b', '..', 'a%2Fb', 'ä ö'];

describe.each(PROXY_NAMES)('a node behind %s, which ends TLS', (name) => {
  const ordinary = getCACertificates('default');
  let node: Awaited<ReturnType<typeof startHubNode>> | undefined;
  let proxy: Proxy;
  let closeProxy = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    const port = await freePort();
    node = await startHubNode({ port, env: ENV });
    proxy = await startProxy(name, port);
    closeProxy = () => proxy.close();
    setDefaultCACertificates([...ordinary, readFileSync(proxy.certificate, 'utf8')]);
  });
  afterAll(async () => {
    setDefaultCACertificates(ordinary);
    await closeProxy();
    await node?.stop();
  });

  const json = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> =>
    (await (await fetch(proxy.url + path, init)).json()) as Record<string, unknown>;

  it.each(['', '/apps/ring', '/short'].flatMap((below) => EVENTGUIDS.map((guid) => [below, guid] as const)))(
    'below %j takes the eventguid %j in body and query as it is',
    async (below, guid) => {
      const eventguid = `${below}${guid}`; // another one in each place
      const query = `eventguid=${encodeURIComponent(eventguid)}`;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ eventguid, data: 'x' });
      expect(await json(`${below}/v1/trigger`, { method: 'POST', headers, body })).toMatchObject({
        eventguid,
      });
      expect(await json(`${below}/v1/trigger?${query}`, { method: 'POST' })).toMatchObject({ eventguid });
      expect(await json(`${below}/v1/event?${query}`)).toMatchObject({ eventguid, kept: 2 });
      expect(await json(`${below}/v1/history?${query}&limit=1`)).toMatchObject({ items: [{ data: 'x' }] });
    },
  );

  it('shows a durable subscriber and ends its subscription, although it has a slash', async () => {
    const options = { subscriberId: 'invoices/7', url: `${proxy.url}/apps/ring` };
    const client = new RingbackClient(options);
    await client.connect();
    await client.subscribe('orders/7', 'c', () => undefined);
    const subscriber = encodeURIComponent('n:anonymous/invoices/7');
    const session = await json(`/apps/ring/v1/session?subscriber=${subscriber}`);
    expect(session).toMatchObject({ events: [{ eventguid: 'orders/7' }] });
    const path = `/apps/ring/v1/subscriptions?eventguid=orders%2F7&subscriber=${subscriber}`;
    expect((await fetch(proxy.url + path, { method: 'DELETE' })).status).toBe(204);
    expect(await json('/apps/ring/v1/subscriptions?eventguid=orders/7')).toEqual({ items: [] });
    client.close();
  });

  it.each([false, true])('serves the SDK below a path, polling allowed: %s', async (polling) => {
    const client = new RingbackClient({ url: `${proxy.url}/apps/ring`, polling });
    const received: unknown[] = [];
    await client.connect();
    await client.subscribe(`sdk/${polling}`, 'my cookie', ({ cookie, data }) =>
      received.push([cookie, data]),
    );
    await client.trigger(`sdk/${polling}`, 'paid');
    await waitFor(() => received.length > 0, 'the delivery');
    expect(received).toEqual([['my cookie', 'paid']]);
    client.close();
  });

  it.each(['WebSockets', 'ServerSentEvents', 'LongPolling'] as const)(
    'serves SignalR below a path, over %s',
    async (transport) => {
      const connection = new HubConnectionBuilder()
        .withUrl(`${proxy.url}/apps/ring/RealtimeEventPushHub`, { transport: HttpTransportType[transport] })
        .configureLogging('none')
        .build();
      const received: unknown[] = [];
      connection.on('ReceiveEvent', (...args: unknown[]) => received.push(args));
      await connection.start();
      await connection.invoke('SubscribeToEvent', transport, 'c');
      await connection.invoke('TriggerEvent', transport, 'x', false);
      await waitFor(() => received.length > 0, 'the delivery');
      expect(received).toEqual([[transport, 'c', 'x']]);
      await connection.stop();
    },
  );

  it('answers polls before a proxy gives up that waits for 3 s', async () => {
    const negotiated = await json('/short/hub/negotiate?negotiateVersion=1', { method: 'POST' });
    const url = `${proxy.url}/short/hub?id=${encodeURIComponent(String(negotiated['connectionToken']))}`;
    expect((await fetch(url)).status).toBe(200); // the first answers at once
    const body = `{"protocol":"json","version":1}\u001e`;
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
    expect(await (await fetch(url)).text()).toBe('{}\u001e');
    const idle = await fetch(url);
    expect([idle.status, await idle.text()]).toEqual([200, '']);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
  });

  it('serves its page with all that it needs', async () => {
    const index = `${proxy.url}/apps/ring/`;
    const html = await (await fetch(index)).text();
    const references = [...html.matchAll(/ (?:src|href)="([^"#:]+)"/g)].map(
      ([, reference = '']) => reference,
    );
    expect(references).toEqual(expect.arrayContaining(['page.css', 'page.mjs', 'docs', 'health/ready']));
    for (const reference of references) {
      const { status, url } = await fetch(new URL(reference, index));
      expect([url.startsWith(index), status]).toEqual([true, 200]);
    }
  });

  it.each([
    ['', '/docs/errors#not-found'],
    ['/apps/ring', '/apps/ring/docs/errors#not-found'],
  ])('links its problems below %j to the page that explains them', async (below, type) => {
    for (const path of ['/v1/events/unheard-of', '/socket.io/?EIO=4&transport=polling&sid=a.b', '/nowhere']) {
      const problem = await json(below + path);
      expect(problem['type']).toBe(type.replace('not-found', String(problem['code'])));
    }
    expect((await fetch(new URL(type, proxy.url))).status).toBe(200);
  });

  it('lets in pages of the origin that browsers see, and no others', async () => {
    const path = '/apps/ring/socket.io/?EIO=4&transport=websocket';
    const own = new WebSocket(proxy.url.replace('https', 'wss') + path, {
      origin: proxy.url,
      ca: readFileSync(proxy.certificate),
    });
    await once(own, 'open');
    own.terminate();
    const init = (origin: string) => ({ method: 'POST', headers: { origin } });
    expect((await fetch(`${proxy.url}/v1/trigger?eventguid=e`, init(proxy.url))).status).toBe(202);
    for (const origin of [proxy.url.replace('https', 'http'), 'https://hub.internal', 'https://evil.example'])
      expect((await fetch(`${proxy.url}/v1/trigger?eventguid=e`, init(origin))).status).toBe(403);
  });
});
