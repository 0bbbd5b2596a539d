import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const SHOP = 'https://shop.example';
const APP = 'capacitor://localhost';
const never = new Promise<void>(() => {});
const started: HubNode[] = [];

async function start(environment: Record<string, string> = {}): Promise<HubNode> {
  const config = readConfig({ PORT: '0', RINGBACK_SHUTDOWN_DELAY_MS: '0', ...environment });
  const node = await HubNode.start(config, new RecordingLog());
  started.push(node);
  return node;
}

async function stopAll(): Promise<void> {
  for (const node of started.splice(0)) await node.stop(never);
}

/** What comes until the other side closes, or has answered an upgrade. */
async function readAnswer(socket: Socket): Promise<string> {
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.startsWith('HTTP/1.1 101')) break;
  }
  return answer;
}

/** Sends the lines as they are, on a connection of its own. */
async function send(node: HubNode, ...lines: readonly string[]) {
  const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const answer = await readAnswer(socket);
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [, status] = /^HTTP\/1.1 (\d+)/.exec(head) ?? [];
  const [, code] = /"code":"([a-z-]+)"/.exec(rest.join('')) ?? [];
  return { status: Number(status), code, head, body: rest.join('\r\n\r\n') };
}

/** As above, for one answer. */
function ask(node: HubNode, line: string, ...headers: readonly string[]) {
  return send(node, `${line} HTTP/1.1`, 'Connection: close', ...headers);
}

/** As above, with what makes it an upgrade. */
function upgrade(node: HubNode, path: string, ...headers: readonly string[]) {
  return send(
    node,
    `GET ${path} HTTP/1.1`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  );
}

/** One request of each gateway, which a node with nothing in it answers. */
const REQUESTS = [
  ['Engine.IO', 'GET', '/socket.io/?EIO=4&transport=polling'],
  ['SignalR', 'POST', '/hub/negotiate?negotiateVersion=1'],
  ['MDriven', 'POST', '/x/RealtimeEventPushHub/negotiate?negotiateVersion=1'],
  ['HTTP', 'POST', '/v1/trigger?eventguid=e'],
  ['operators', 'GET', '/v1/nodes'],
] as const;

const UPGRADES = ['/socket.io/?EIO=4&transport=websocket', '/hub?id=x', '/x/RealtimeEventPushHub'];

describe('a request whose form is unusual', () => {
  let node: HubNode;

  beforeAll(async () => {
    node = await start();
  });

  afterAll(stopAll);

  it.each(REQUESTS)('to %s is answered where its target has scheme and host', async (_, method, path) => {
    const target = `http://localhost:1234${path}`;
    const { status } = await ask(node, `${method} ${target}`, 'Host: evil.example', 'Content-Length: 0');
    expect([200, 202]).toContain(status);
  });

  it('is about the page where its target has no path', async () => {
    const { status, body } = await ask(node, 'GET http://localhost', 'Host: localhost');
    expect([status, body]).toEqual([200, expect.stringContaining('<title>Ringback</title>')]);
  });

  it.each(['ftp://localhost/v1/nodes', 'http://u@localhost/v1/nodes', 'http:///v1/nodes', 'v1/nodes'])(
    'is refused with the target %s',
    async (target) => {
      const { status, code } = await ask(node, `GET ${target}`, 'Host: localhost');
      expect([status, code]).toEqual([400, 'bad-request']);
    },
  );

  it.each(REQUESTS)('to %s is refused without a Host header', async (_, method, path) => {
    const { status, code, head } = await ask(node, `${method} ${path}`, 'Content-Length: 0');
    expect([status, code]).toEqual([400, 'bad-request']);
    expect(head).toContain('application/problem+json');
  });

  it('of HTTP/1.0 needs no Host header', async () => {
    expect(await send(node, 'GET /v1/nodes HTTP/1.0')).toMatchObject({ status: 200 });
  });

  it.each(UPGRADES)('to upgrade %s is refused without a Host header, or with a body', async (path) => {
    const refused = { status: 400, code: 'bad-request' };
    expect(await upgrade(node, path)).toMatchObject(refused);
    expect(await upgrade(node, path, 'Host: localhost', 'Content-Length: 5')).toMatchObject(refused);
    expect(await upgrade(node, path, 'Host: localhost', 'Transfer-Encoding: chunked')).toMatchObject(refused);
  });

  it('to upgrade may say that its body is empty', async () => {
    const path = '/socket.io/?EIO=4&transport=websocket';
    expect(await upgrade(node, path, 'Host: localhost', 'Content-Length: 0')).toMatchObject({ status: 101 });
  });
});

describe('a page of another origin', () => {
  let node: HubNode;

  beforeAll(async () => {
    node = await start({ RINGBACK_CORS_ORIGINS: `${SHOP}:443,${APP}` });
  });

  afterAll(stopAll);

  const corsOf = async (path: string, init: RequestInit) => {
    const { status, headers } = await fetch(node.url + path, init);
    const names = ['origin', 'credentials', 'methods', 'headers'];
    return { status, cors: names.map((name) => headers.get(`access-control-allow-${name}`)) };
  };

  it.each(REQUESTS)('may use %s with its credentials where it is listed', async (_, method, path) => {
    for (const origin of [SHOP, APP]) {
      const { status, cors } = await corsOf(path, { method, headers: { origin } });
      expect([200, 202]).toContain(status);
      expect(cors).toEqual([origin, 'true', null, null]);
    }
  });

  it.each(REQUESTS)('is told so before it asks %s', async (_, method, path) => {
    const headers = {
      origin: SHOP,
      'access-control-request-method': method,
      'access-control-request-headers': 'x-a',
    };
    const expected = { status: 204, cors: [SHOP, 'true', 'GET, HEAD, POST, DELETE', 'x-a'] };
    expect(await corsOf(path, { method: 'OPTIONS', headers })).toEqual(expected);
  });

  it.each(REQUESTS.filter(([name, method]) => method === 'POST' || name === 'Engine.IO'))(
    'may not use %s where it is not listed',
    async (_, method, path) => {
      for (const origin of ['https://evil.example', 'ionic://localhost', 'null', 'http://shop.example']) {
        const { status, cors } = await corsOf(path, { method, headers: { origin } });
        expect([origin, status, ...cors]).toEqual([origin, 403, null, null, null, null]);
      }
    },
  );

  it.each(UPGRADES)('may not upgrade %s where it is not listed', async (path) => {
    const { status, code } = await upgrade(node, path, 'Host: localhost', 'Origin: https://evil.example');
    expect([status, code]).toEqual([403, 'forbidden']);
  });
});

describe('a node on loopback', () => {
  let node: HubNode;

  beforeAll(async () => {
    node = await start();
  });

  afterAll(stopAll);

  it.each([...REQUESTS, ['the page', 'GET', '/'], ['the documentation', 'GET', '/docs']])(
    'does not serve %s to pages whose name was rebound to it',
    async (_, method, path) => {
      const evil = await ask(node, `${method} ${path}`, 'Host: evil.example', 'Content-Length: 0');
      expect([evil.status, evil.code]).toEqual([421, 'misdirected-request']);
      const local = await ask(node, `${method} ${path}`, 'Host: localhost:1234', 'Content-Length: 0');
      expect([200, 202]).toContain(local.status);
    },
  );

  it.each(UPGRADES)('does not upgrade %s for them either', async (path) => {
    const { status, code } = await upgrade(node, path, 'Host: evil.example');
    expect([status, code]).toEqual([421, 'misdirected-request']);
  });

  it.each(['/health/live', '/health/ready', '/metrics'])('serves %s under any name', async (path) => {
    expect(await ask(node, `GET ${path}`, 'Host: 10.0.0.7')).toMatchObject({ status: 200 });
  });
});

const ON_ALL_ADDRESSES = { HOST: '0.0.0.0', RINGBACK_ALLOW_ANONYMOUS: 'true' };

describe('a node with allowed hosts', () => {
  afterEach(stopAll);

  it('is served under these, and under the loopback names', async () => {
    const hosts = 'hub.example,*.ring.example';
    const node = await start({ ...ON_ALL_ADDRESSES, RINGBACK_ALLOWED_HOSTS: hosts });
    const statuses = await Promise.all(
      ['hub.example', 'a.ring.example:443', 'localhost', 'evil.example'].map(
        async (host) => (await ask(node, 'GET /v1/nodes', `Host: ${host}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 200, 200, 421]);
  });

  it('on all addresses is served under any name without them', async () => {
    const node = await start(ON_ALL_ADDRESSES);
    expect(await ask(node, 'GET /v1/nodes', 'Host: evil.example')).toMatchObject({ status: 200 });
  });
});

describe('a node behind a proxy', () => {
  afterEach(stopAll);

  const BEHIND = { RINGBACK_ALLOWED_HOSTS: 'hub.example' };
  const FORWARDED = ['Host: hub:8080', 'X-Forwarded-Host: hub.example', 'X-Forwarded-Proto: https'];

  it.each(REQUESTS)('that it trusts takes the public origin for its own: %s', async (_, method, path) => {
    const node = await start({ ...BEHIND, RINGBACK_TRUSTED_PROXIES: 'loopback' });
    const from = (origin: string) =>
      ask(node, `${method} ${path}`, ...FORWARDED, `Origin: ${origin}`, 'Content-Length: 0');
    expect([200, 202]).toContain((await from('https://hub.example')).status);
    if (method === 'POST') expect((await from('http://hub:8080')).status).toBe(403);
  });

  it.each(REQUESTS)('that it does not trust reads nothing of what that says: %s', async (_, method, path) => {
    const node = await start(BEHIND);
    const headers = [...FORWARDED, 'Origin: https://hub.example', 'Content-Length: 0'];
    expect((await ask(node, `${method} ${path}`, ...headers)).status).toBe(421);
  });

  it.each(['/v1/events/unheard-of', '/hub-of-nobody', '/socket.io/?EIO=4&transport=polling&sid=a.b'])(
    'that has put it below a path says so in the problems of %s',
    async (path) => {
      const node = await start({ RINGBACK_TRUSTED_PROXIES: 'loopback' });
      const headers = { 'x-forwarded-prefix': '/apps/ring' };
      const { type } = (await (await fetch(node.url + path, { headers })).json()) as { type: string };
      expect(type).toMatch(/^\/apps\/ring\/docs\/errors#[a-z-]+$/);
    },
  );
});
