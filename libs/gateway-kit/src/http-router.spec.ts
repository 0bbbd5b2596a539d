import { afterEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, createServer as createLinkServer, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { OriginPolicy, TrustedProxies } from '@ringback/http-kit';
import { HubError, type Origins } from '@ringback/contract';
import { HttpRouter } from './http-router.js';
import { NodeForwarder, type NodeForwarderOptions } from './node-forwarder.js';
import type { ProtocolMount } from './protocol-mount.js';
import { isSamePath } from './request-target.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const MEGABYTE = 2 ** 20;

interface Node {
  readonly nodeId: string;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  readonly sockets: WebSocketServer;
}

const nodes = new Map<string, Node>();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  nodes.clear();
  for (const close of closers.splice(0).reverse()) await close();
});

/** What stands for the protocols: answers who it is and what it got. One takes `/socket` with its upgrades, one all other requests. */
function mountsOf(
  nodeId: string,
  host: string,
  silenceMs: number,
): { mounts: ProtocolMount[]; sockets: WebSocketServer } {
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on('connection', (socket) =>
    socket.on('message', (text: Buffer) => socket.send(`${nodeId}: ${text.toString()}`)),
  );
  const common: Pick<ProtocolMount, 'handle' | 'maxSilenceMs' | 'nodeFor' | 'opensClient'> = {
    opensClient: () => false,
    maxSilenceMs: silenceMs,
    nodeFor: ({ target }) => target.query.get('owner') ?? undefined,
    handle: ({ request: incoming }, answer) => {
      answer.setHeader('x-node', nodeId);
      if (incoming.url?.startsWith('/hang')) return;
      if (incoming.url?.startsWith('/throw')) throw new HubError('forbidden');
      if (incoming.url?.startsWith('/echo')) incoming.pipe(answer);
      else answer.end(JSON.stringify({ nodeId, host, url: incoming.url, headers: incoming.headers }));
    },
  };
  const socketMount: ProtocolMount = {
    ...common,
    name: 'socket',
    precedence: 'exact',
    match: ({ path }) => isSamePath(path, '/socket'),
    upgrade: ({ request: incoming }, link, head) => {
      sockets.handleUpgrade(incoming, link, head, (socket) => sockets.emit('connection', socket));
    },
  };
  const rest: ProtocolMount = {
    ...common,
    name: 'rest',
    precedence: 'pattern',
    match: ({ path }) => path !== '/nobody',
  };
  return { mounts: [rest, socketMount], sockets };
}

interface NodeOptions extends Partial<NodeForwarderOptions> {
  readonly origins?: Origins;
  readonly trustedProxies?: readonly string[];
  /** How long a request may be held. */
  readonly silenceMs?: number;
}

async function startNode(nodeId: string, options: NodeOptions = {}, host = '127.0.0.1'): Promise<Node> {
  const { origins, trustedProxies, silenceMs = 60_000, ...forwarding } = options;
  const { mounts, sockets } = mountsOf(nodeId, host, silenceMs);
  const reportError = (error: unknown): HubError => HubError.from(error);
  const forwarder = new NodeForwarder({
    nodeId,
    addressOf: (owner) => Promise.resolve(nodes.get(owner)?.url),
    log: silent,
    reportError,
    silenceHeadroomMs: 0,
    ...forwarding,
  });
  const policy = new OriginPolicy(origins, { proxies: new TrustedProxies(trustedProxies) });
  const router = new HttpRouter({ nodeId, origins: policy, forwarder, reportError });
  for (const mount of mounts) router.mount(mount);
  const server = createServer();
  router.attach(server);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const node = {
    nodeId,
    server,
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    sockets,
  };
  nodes.set(nodeId, node);
  closers.push(async () => {
    router.close();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  });
  return node;
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createLinkServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

async function refusedUpgrade(url: string): Promise<{ status: number | undefined; body: unknown }> {
  const socket = new WebSocket(url);
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) };
}

describe('HttpRouter, requests', () => {
  it('leaves to this node what belongs to it or to nobody', async () => {
    const a = await startNode('a');
    for (const path of ['/x', '/x?owner=a']) {
      const answer = await fetch(a.url + path);
      expect(await answer.json()).toMatchObject({ nodeId: 'a', url: path });
    }
  });

  it('hands a request to the node that owns it, path, query and headers unchanged', async () => {
    const [a] = [await startNode('a'), await startNode('b')];
    const answer = await fetch(`${a.url}/p%20q?owner=b&x=%C3%A4`, { headers: { authorization: 'Bearer t' } });
    expect(answer.headers.get('x-node')).toBe('b');
    const seen = (await answer.json()) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ nodeId: 'b', url: '/p%20q?owner=b&x=%C3%A4' });
    expect(seen.headers).toMatchObject({
      authorization: 'Bearer t',
      host: new URL(a.url).host,
      'x-ringback-forwarded-by': 'a',
      'x-forwarded-for': '127.0.0.1',
    });
  });

  it('tells the owner, which trusts this node alone or nobody, the host that the client has asked for', async () => {
    const a = await startNode('a', { trustedProxies: ['loopback'] });
    const owners = [await startNode('b'), await startNode('c', { trustedProxies: ['loopback'] })];
    const headers = {
      'x-forwarded-host': 'hub.example',
      'x-forwarded-proto': 'https',
      origin: 'https://hub.example',
    };
    for (const { nodeId } of owners) {
      const answer = await fetch(`${a.url}/x?owner=${nodeId}`, { method: 'POST', headers });
      expect(await answer.json()).toMatchObject({ nodeId, headers: { host: 'hub.example' } });
    }
  });

  it('reaches an owner at an IPv6 address', async () => {
    const [a] = [await startNode('a'), await startNode('b', {}, '::1')];
    const answer = await fetch(`${a.url}/x?owner=b`);
    expect(await answer.json()).toMatchObject({ nodeId: 'b', host: '::1' });
  });

  it('carries large and streamed bodies both ways', async () => {
    const [a] = [await startNode('a'), await startNode('b')];
    const sent = randomBytes(5 * MEGABYTE);
    const chunks = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < sent.length; at += MEGABYTE)
          controller.enqueue(sent.subarray(at, at + MEGABYTE));
        controller.close();
      },
    });
    const whole = await fetch(`${a.url}/echo?owner=b`, { method: 'POST', body: sent });
    expect(Buffer.from(await whole.arrayBuffer()).equals(sent)).toBe(true);
    const streamed = await fetch(`${a.url}/echo?owner=b`, { method: 'POST', body: chunks, duplex: 'half' });
    expect(Buffer.from(await streamed.arrayBuffer()).equals(sent)).toBe(true);
  });

  it('answers transport-session-not-found where the owner holds no lease', async () => {
    const a = await startNode('a');
    const answer = await fetch(`${a.url}/x?owner=nobody`, { method: 'POST', body: 'text' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 404, code: 'transport-session-not-found' });
  });

  it('answers in the shape of all problems, readable to pages of listed origins', async () => {
    const shop = 'https://shop.example';
    const a = await startNode('a', { origins: [shop] });
    const answer = await fetch(`${a.url}/x?owner=nobody`, { headers: { origin: shop } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(shop);
    expect(await answer.json()).toEqual({
      type: '/docs/errors#transport-session-not-found',
      title: 'Transport session not found',
      status: 404,
      detail: expect.any(String),
      code: 'transport-session-not-found',
      message: expect.any(String),
    });
  });

  it.each([['https://shop.example'], '*' as const])(
    'answers pages of %j that show credentials so that they may read it',
    async (origins) => {
      const a = await startNode('a', { origins });
      const { headers } = await fetch(`${a.url}/x?owner=nobody`, {
        headers: { origin: 'https://shop.example' },
      });
      expect(headers.get('access-control-allow-origin')).toBe('https://shop.example');
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('vary')).toBe('Origin');
      const foreign = await fetch(`${a.url}/x?owner=nobody`, {
        headers: { origin: 'https://other.example' },
      });
      expect(foreign.headers.has('access-control-allow-credentials')).toBe(origins === '*');
    },
  );

  it('answers where the address of the owner is none', async () => {
    const a = await startNode('a', { addressOf: () => Promise.resolve('http://[fe80::1%eth0]:80') });
    const answer = await fetch(`${a.url}/x?owner=b`);
    expect([answer.status, await answer.json()]).toEqual([
      502,
      expect.objectContaining({ code: 'node-unavailable' }),
    ]);
    const refused = await refusedUpgrade(`ws://127.0.0.1:${a.port}/socket/?owner=b`);
    expect(refused).toEqual({ status: 502, body: expect.objectContaining({ code: 'node-unavailable' }) });
  });

  it('forwards nothing twice', async () => {
    const [a] = [await startNode('a'), await startNode('b')];
    const answer = await fetch(`${a.url}/x?owner=b`, { headers: { 'x-ringback-forwarded-by': 'c' } });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ code: 'transport-session-not-found' });
  });

  it('says so when the owner cannot be reached, and when nobody can tell where it is', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const a = await startNode('a', { addressOf: () => Promise.resolve(nowhere) });
    const refused = await fetch(`${a.url}/x?owner=b`);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect([refused.status, await refused.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'node-unavailable' }),
    ]);
    const c = await startNode('c', { addressOf: () => Promise.reject(new Error('away')) });
    const unknown = await fetch(`${c.url}/x?owner=b`);
    expect([unknown.status, await unknown.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'relay-unavailable' }),
    ]);
  });

  it('gives up on an owner that is silent', async () => {
    const [a] = [await startNode('a', { silenceMs: 50 }), await startNode('b')];
    const answer = await fetch(`${a.url}/hang?owner=b`);
    expect([answer.status, await answer.json()]).toEqual([504, expect.objectContaining({ code: 'timeout' })]);
  });

  it('gives up on a silent owner of a client that waits to be told to continue, too', async () => {
    const [a] = [await startNode('a', { silenceMs: 50 }), await startNode('b')];
    const asked = request(`${a.url}/hang?owner=b`, { method: 'POST', headers: { expect: '100-continue' } });
    asked.on('continue', () => asked.end('body')).flushHeaders();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(504);
  });

  it('answers 502 when the owner breaks off before its answer', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    b.server.on('request', () => b.server.closeAllConnections());
    const answer = await fetch(`${a.url}/hang?owner=b`);
    expect([answer.status, await answer.json()]).toEqual([
      502,
      expect.objectContaining({ code: 'node-unavailable' }),
    ]);
  });

  it('ends the forwarded request when the client goes', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    const arrived = once(b.server, 'request') as Promise<[IncomingMessage]>;
    const client = request(`${a.url}/hang?owner=b`).on('error', () => {});
    client.end();
    const [incoming] = await arrived;
    client.destroy();
    await until(() => incoming.destroyed);
    expect(incoming.destroyed).toBe(true);
  });

  it('looks an owner up once for many requests', async () => {
    const b = await startNode('b');
    let lookups = 0;
    const addressOf = (): Promise<string> => Promise.resolve(((lookups += 1), b.url));
    const a = await startNode('a', { addressOf });
    await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${a.url}/x?owner=b`)).text()));
    expect(lookups).toBe(1);
  });

  it('leaves no listener behind on a link that carries many requests', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    closers.push(() => process.off('warning', onWarning));
    const [a] = [await startNode('a'), await startNode('b')];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.push(() => agent.destroy());
    for (let round = 0; round < 30; round++) {
      const client = request(`${a.url}/x?owner=b`, { agent }).end();
      const [answer] = (await once(client, 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
    }
    await turn();
    expect(warnings).toEqual([]);
  });
});

describe('HttpRouter, what is mounted', () => {
  it('prefers a mount at an exact path to one with a pattern, in whatever order they were mounted', async () => {
    const a = await startNode('a');
    const refused = await refusedUpgrade(`ws://127.0.0.1:${a.port}/x`);
    expect(refused.status).toBe(404);
    const socket = new WebSocket(`ws://127.0.0.1:${a.port}/socket`);
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
  });

  it('answers what a protocol throws with its code', async () => {
    const a = await startNode('a');
    const answer = await fetch(`${a.url}/throw`);
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'forbidden' }),
    ]);
  });

  it('answers 404 where nobody is mounted', async () => {
    const a = await startNode('a');
    const answer = await fetch(`${a.url}/nobody`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'not-found' }),
    ]);
  });

  it('leaves what is not mounted to those who listened before', async () => {
    const server = createServer((_, answer) => answer.end('of the framework'));
    const reportError = (error: unknown): HubError => HubError.from(error);
    const forwarder = new NodeForwarder({
      nodeId: 'a',
      addressOf: () => Promise.resolve(undefined),
      log: silent,
      reportError,
    });
    const router = new HttpRouter({ nodeId: 'a', origins: new OriginPolicy(), forwarder, reportError });
    const { mounts } = mountsOf('a', '127.0.0.1', 1_000);
    for (const mount of mounts) router.mount(mount);
    router.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => new Promise((done) => server.close(done)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await (await fetch(`${url}/nobody`)).text()).toBe('of the framework');
    expect(await (await fetch(`${url}/x`)).json()).toMatchObject({ nodeId: 'a' });
  });
});

describe('HttpRouter, pages of other origins', () => {
  const shop = 'https://shop.example';
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: shop,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-one',
    },
  };

  it('refuses what they send to a protocol, upgrades included, unless their origin is listed', async () => {
    const a = await startNode('a');
    const posted = await fetch(`${a.url}/x`, { method: 'POST', headers: { origin: shop } });
    expect([posted.status, await posted.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'forbidden' }),
    ]);
    const socket = new WebSocket(`ws://127.0.0.1:${a.port}/socket`, { origin: shop });
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(answer.statusCode).toBe(403);
    const b = await startNode('b', { origins: [shop] });
    const allowed = await fetch(`${b.url}/x`, { method: 'POST', headers: { origin: shop } });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(shop);
  });

  it('answers preflights for every protocol, without asking it', async () => {
    const b = await startNode('b', { origins: [shop] });
    const answer = await fetch(`${b.url}/hang`, preflight);
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': shop,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'x-one',
      'access-control-allow-methods': expect.stringContaining('POST'),
    });
    const a = await startNode('a');
    const foreign = await fetch(`${a.url}/hang`, preflight);
    expect([foreign.status, foreign.headers.has('access-control-allow-origin')]).toEqual([204, false]);
  });
});

describe('HttpRouter, upgrades', () => {
  it('leaves to this node what belongs to it, and hands on what belongs to another', async () => {
    const [a] = [await startNode('a'), await startNode('b')];
    for (const owner of ['a', 'b']) {
      const socket = new WebSocket(`ws://127.0.0.1:${a.port}/socket/?owner=${owner}`);
      await once(socket, 'open');
      socket.send('hello');
      const [text] = await once(socket, 'message');
      expect(String(text)).toBe(`${owner}: hello`);
      socket.close();
      await once(socket, 'close');
    }
  });

  it('closes both halves when one goes', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    const url = `ws://127.0.0.1:${a.port}/socket/?owner=b`;
    const first = new WebSocket(url);
    await once(first, 'open');
    first.terminate();
    await until(() => b.sockets.clients.size === 0);
    const second = new WebSocket(url);
    await once(second, 'open');
    for (const socket of b.sockets.clients) socket.terminate();
    await once(second, 'close');
    expect(second.readyState).toBe(WebSocket.CLOSED);
  });

  it.each(['/elsewhere', '/socketXYZ', '/socket/a/b', '/'])(
    'refuses %s, where no gateway accepts upgrades',
    async (path) => {
      const a = await startNode('a');
      const refused = await refusedUpgrade(`ws://127.0.0.1:${a.port}${path}`);
      expect(refused).toEqual({ status: 404, body: expect.objectContaining({ code: 'not-found' }) });
    },
  );

  it('answers transport-session-not-found where the owner holds no lease', async () => {
    const a = await startNode('a');
    const refused = await refusedUpgrade(`ws://127.0.0.1:${a.port}/socket/?owner=nobody`);
    expect(refused).toEqual({
      status: 404,
      body: expect.objectContaining({ code: 'transport-session-not-found' }),
    });
  });

  it('says so when the owner cannot be reached', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const a = await startNode('a', { addressOf: () => Promise.resolve(nowhere) });
    const refused = await refusedUpgrade(`ws://127.0.0.1:${a.port}/socket/?owner=b`);
    expect(refused).toEqual({ status: 503, body: expect.objectContaining({ code: 'node-unavailable' }) });
  });

  it('survives a client that breaks off while its owner is looked up', async () => {
    let found: (address: string) => void = () => {};
    const address = new Promise<string>((resolve) => (found = resolve));
    const b = await startNode('b');
    const a = await startNode('a', { addressOf: () => address });
    const arrived = once(a.server, 'upgrade');
    const link = connect(a.port, '127.0.0.1');
    link.write(
      'GET /socket/?owner=b HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
    const [, serverLink] = (await arrived) as [unknown, { readonly destroyed: boolean }];
    link.resetAndDestroy();
    await until(() => serverLink.destroyed);
    found(b.url);
    const answer = await fetch(`${a.url}/x`);
    expect(await answer.json()).toMatchObject({ nodeId: 'a' });
  });

  it('ends forwarded links when it is closed', async () => {
    const b = await startNode('b');
    const a = await startNode('a');
    const socket = new WebSocket(`ws://127.0.0.1:${a.port}/socket/?owner=b`);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await closers.pop()?.();
    await closed;
    await until(() => b.sockets.clients.size === 0);
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
