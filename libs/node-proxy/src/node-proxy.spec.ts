import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, request, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import type { NodeProxyError } from './node-proxy-error.js';
import { NodeProxy, type NodeProxyOptions, type UnansweredClient } from './node-proxy.js';

const HEADER = 'x-test-forwarded-by';
const WEBSOCKET = 'connection: upgrade\r\nupgrade: websocket';

interface Failure {
  readonly kind: string;
  readonly answerable: boolean;
}

const closers: (() => unknown)[] = [];
let failures: Failure[];
/** The node that holds the connections, and where it is reached. */
let node: Server;
let address: string;

beforeEach(async () => {
  failures = [];
  node = createServer((incoming, response) => {
    if (incoming.url === '/silent') return;
    if (incoming.url === '/half') response.write('half');
    else response.end(JSON.stringify({ url: incoming.url, headers: incoming.headers }));
  });
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(data)));
  node.on('upgrade', (incoming, socket, head) => {
    if (incoming.url === '/silent') return;
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => sockets.emit('connection', webSocket));
  });
  address = await listen(node);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address at which nobody listens. */
async function nowhere(): Promise<string> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

function onError({ kind }: NodeProxyError, client?: UnansweredClient): void {
  failures.push({ kind, answerable: client !== undefined });
  if (client instanceof ServerResponse) client.writeHead(599).end(kind);
  else client?.end(`HTTP/1.1 599 Failed\r\nconnection: close\r\n\r\n${kind}`);
}

/** A node that forwards everything to `target`; answers where it is reached. */
async function startForwarding(
  target: string,
  options: Partial<NodeProxyOptions> = {},
): Promise<{ readonly url: string; readonly proxy: NodeProxy }> {
  const proxy = new NodeProxy({ nodeId: 'a', forwardedByHeader: HEADER, onError, ...options });
  const server = createServer((incoming, response) => {
    proxy.request(incoming, response, target).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on('upgrade', (incoming, socket: Socket, head) => {
    proxy.upgrade(incoming, socket, head, target).catch((error: unknown) => socket.destroy(error as Error));
  });
  const url = await listen(server);
  closers.push(() => proxy.close());
  return { url, proxy };
}

async function refusedUpgrade(url: string): Promise<number | undefined> {
  const socket = new WebSocket(url.replace('http', 'ws'));
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return response.resume().statusCode;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe('NodeProxy, requests', () => {
  it('carries target and headers, and says who forwarded', async () => {
    const { url } = await startForwarding(address);
    const response = await fetch(`${url}/p%20q?x=%C3%A4`, { headers: { authorization: 'Bearer t' } });
    expect(await response.json()).toMatchObject({
      url: '/p%20q?x=%C3%A4',
      headers: {
        authorization: 'Bearer t',
        host: new URL(url).host,
        [HEADER]: 'a',
        'x-forwarded-for': '127.0.0.1',
      },
    });
    expect(failures).toEqual([]);
  });

  it('knows what has been forwarded', async () => {
    const { url, proxy } = await startForwarding(address);
    const arrived = once(node, 'request') as Promise<[IncomingMessage]>;
    await fetch(url);
    const [incoming] = await arrived;
    expect(proxy.isForwarded(incoming)).toBe(true);
    delete incoming.headers[HEADER];
    expect(proxy.isForwarded(incoming)).toBe(false);
  });

  it('is unreachable where nobody listens, and failed where the address is invalid', async () => {
    for (const target of [await nowhere(), 'http://[fe80::1%eth0]:80']) {
      const { url } = await startForwarding(target);
      expect((await fetch(url)).status).toBe(599);
    }
    expect(failures).toEqual([
      { kind: 'unreachable', answerable: true },
      { kind: 'failed', answerable: true },
    ]);
  });

  it('times out on a silent node, whether or not the client waits to be told to continue', async () => {
    const { url } = await startForwarding(address, { responseMs: 50 });
    expect(await (await fetch(`${url}/silent`)).text()).toBe('timeout');
    const waiting = request(`${url}/silent`, { method: 'POST', headers: { expect: '100-continue' } });
    waiting.on('continue', () => waiting.end('body')).flushHeaders();
    const [response] = (await once(waiting, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(599);
  });

  it('cuts off the client, without an error, when the node breaks off within its answer', async () => {
    const { url } = await startForwarding(address);
    const response = await fetch(`${url}/half`);
    node.closeAllConnections();
    await expect(response.text()).rejects.toThrow('terminated');
    expect(failures).toEqual([]);
  });

  it('destroys the forwarded request when the client goes, and reports nothing', async () => {
    const { url } = await startForwarding(address);
    const arrived = once(node, 'request') as Promise<[IncomingMessage]>;
    const client = request(`${url}/silent`).on('error', () => {});
    client.end();
    const [incoming] = await arrived;
    client.destroy();
    await until(() => incoming.destroyed);
    expect(failures).toEqual([]);
  });
});

describe('NodeProxy, upgrades', () => {
  it('carries both ways, and closes both halves when one goes', async () => {
    const { url } = await startForwarding(address);
    const socket = new WebSocket(url.replace('http', 'ws'));
    const arrived = once(node, 'upgrade') as Promise<[IncomingMessage, Socket]>;
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('hello');
    const [incoming, nodeSocket] = await arrived;
    expect(incoming.headers[HEADER]).toBe('a');
    socket.terminate();
    await until(() => nodeSocket.destroyed);
  });

  it('is unreachable where nobody listens, failed at an invalid address, and times out on a silent node', async () => {
    for (const target of [await nowhere(), 'nowhere', address]) {
      const { url } = await startForwarding(target, { responseMs: 50 });
      expect(await refusedUpgrade(`${url}/silent`)).toBe(599);
    }
    expect(failures).toEqual([
      { kind: 'unreachable', answerable: true },
      { kind: 'failed', answerable: true },
      { kind: 'timeout', answerable: true },
    ]);
  });

  it('destroys the forwarded upgrade when the client goes before it is answered', async () => {
    const { url } = await startForwarding(address);
    const arrived = once(node, 'upgrade') as Promise<[IncomingMessage, Socket]>;
    const client = connect(Number(new URL(url).port), '127.0.0.1');
    client.write(`GET /silent HTTP/1.1\r\nhost: a\r\n${WEBSOCKET}\r\n\r\n`);
    const [, nodeSocket] = await arrived;
    const ended = once(nodeSocket.resume(), 'end');
    client.resetAndDestroy();
    await ended;
    expect(failures).toEqual([]);
  });

  it('ends what is forwarded when it is closed', async () => {
    const { url, proxy } = await startForwarding(address);
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    const closed = once(socket, 'close');
    proxy.close();
    await closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
  });
});
