import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';
import { StartupError } from '@ringback/settings';

const never = new Promise<void>(() => {});
const log = new RecordingLog();

function start(environment: Record<string, string> = {}): Promise<HubNode> {
  return HubNode.start(
    readConfig({ PORT: '0', RINGBACK_NODE_ID: 'node-a', RINGBACK_SHUTDOWN_DELAY_MS: '0', ...environment }),
    log,
  );
}

describe('HubNode in memory', () => {
  let node: HubNode;
  let socket: Socket | undefined;

  beforeEach(async () => {
    node = await start();
  });

  afterEach(async () => {
    socket?.disconnect();
    socket = undefined;
    await node.stop(never);
  });

  async function connect(transports = ['polling', 'websocket']): Promise<Socket> {
    socket = io(node.url, { reconnection: false, forceNew: true, transports });
    await once(socket as never, 'connect');
    return socket;
  }

  function trigger(eventguid: string, body: object): Promise<Response> {
    return fetch(`${node.url}/v1/events/${eventguid}/trigger`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  it('brings a trigger over HTTP to a subscriber on Socket.IO', async () => {
    const client = await connect();
    const received = once(client as never, 'ReceiveEvent');
    await client.emitWithAck('SubscribeToEvent', 'order-42', 'my cookie');
    const answer = await trigger('order-42', { data: 'paid' });
    expect(answer.status).toBe(202);
    const { position } = (await answer.json()) as { position: string };
    expect(await received).toEqual(['order-42', 'my cookie', 'paid', expect.objectContaining({ position })]);
  });

  it('is ready, and tells the cluster the address of the port that it got', async () => {
    expect(await (await fetch(`${node.url}/health/ready`)).json()).toEqual({ status: 'ready' });
    const nodes = await (await fetch(`${node.url}/v1/nodes`)).json();
    expect(nodes).toMatchObject({
      items: [{ nodeId: 'node-a', address: node.url, version: expect.any(String) }],
    });
  });

  it('counts what it does', async () => {
    await connect();
    await trigger('order-42', {});
    const lines = (await (await fetch(`${node.url}/metrics`)).text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['ringback_triggers_total 1', 'ringback_connections{gateway="socketio"} 1']),
    );
  });

  it('serves its page with everything that it needs, and nothing from elsewhere', async () => {
    const page = await fetch(`${node.url}/`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const needed = [
      ...html.matchAll(/<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*(?:src|href)="([^"]+)"/g),
    ];
    const paths = needed.map(([, path]) => path);
    expect(paths).toEqual(['page.css', 'page/client.mjs', 'page.mjs']); // relative: the page may be below a path
    const client = await (await fetch(`${node.url}/page/client.mjs`)).text();
    for (const [, file = ''] of client.matchAll(/ from '\.\/([^']+)'/g)) paths.push(`page/${file}`);
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) {
      const { status, headers } = await fetch(`${node.url}/${path}`);
      expect([path, status, headers.get('content-type')]).toEqual([
        path,
        200,
        expect.stringMatching(/^text\/(css|javascript); charset=utf-8$/),
      ]);
    }
    expect(html).not.toMatch(/\son[a-z]+=|style=|<style|<script>/);
  });

  it('answers an unknown path and an unknown upgrade as problems', async () => {
    const answer = await fetch(`${node.url}/nowhere`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'not-found' }),
    ]);
    for (const path of ['/nowhere', '/socket.ioXYZ', '/socket.io/a/b']) {
      const refused = new WebSocket(node.url.replace('http', 'ws') + path);
      const [, response] = (await once(refused, 'unexpected-response')) as [unknown, IncomingMessage];
      let body = '';
      for await (const chunk of response) body += String(chunk);
      expect([path, response.statusCode, JSON.parse(body)]).toEqual([
        path,
        404,
        expect.objectContaining({ code: 'not-found' }),
      ]);
    }
    const gone = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=node-b.abc`);
    expect([gone.status, await gone.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'transport-session-not-found' }),
    ]);
  });

  it('tells clients to come back when it stops, and leaves nothing open', async () => {
    const client = await connect(['websocket']);
    const told = once(client as never, 'HubClose');
    await node.stop(never);
    expect(await told).toEqual([expect.objectContaining({ name: 'draining' })]);
    await expect(fetch(`${node.url}/health/live`)).rejects.toThrow();
    node = await start();
  });
});

describe('HubNode with settings', () => {
  it('keeps as much history without Redis as it is told', async () => {
    const node = await start({ RINGBACK_HISTORY_ENVELOPES: '2' });
    for (let count = 0; count < 3; count++) {
      await fetch(`${node.url}/v1/events/e/trigger`, { method: 'POST' });
    }
    const page = (await (await fetch(`${node.url}/v1/events/e/history`)).json()) as { items: unknown[] };
    expect(page.items).toHaveLength(2);
    await node.stop(never);
  });

  it.each([
    ['49999', 0],
    ['50000', 1],
  ])('warns of proxies with a Socket.IO ping interval of %s ms: %i', async (interval, warnings) => {
    log.lines.length = 0;
    const node = await start({ RINGBACK_SOCKETIO_PING_INTERVAL_MS: interval });
    await node.stop(never);
    const lines = log.at('warn').filter(({ message }) => message.includes('ping interval'));
    expect(lines).toHaveLength(warnings);
  });

  it('tells its page where to connect', async () => {
    const node = await start({ RINGBACK_SOCKETIO_PATH: '/live/io' });
    const settings = await (await fetch(`${node.url}/page/settings.mjs`)).text();
    const path = /export const path = "([^"]+)"/.exec(settings)?.[1] ?? 'none';
    expect(path).toBe('/live/io');
    const socket = io(node.url, { path, reconnection: false, forceNew: true });
    await once(socket as never, 'connect');
    socket.disconnect();
    await node.stop(never);
  });

  it('lets pages of listed origins read its own refusals, and keeps others out', async () => {
    const shop = 'https://shop.example';
    const node = await start({ RINGBACK_CORS_ORIGINS: shop });
    const gone = `${node.url}/socket.io/?EIO=4&transport=polling&sid=node-b.abc`;
    const answer = await fetch(gone, { headers: { origin: shop } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([404, shop]);
    const headers = { origin: 'https://evil.example' };
    const refused = await fetch(`${node.url}/v1/events/e/trigger`, { method: 'POST', headers });
    expect(refused.status).toBe(403);
    await node.stop(never);
  });
});

describe('HubNode that cannot start', () => {
  it('says that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const error: unknown = await start({ PORT: String(port) }).catch((reason: unknown) => reason);
    await new Promise((done) => other.close(done));
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toBe(
      `PORT=${port} is in use on 127.0.0.1; choose another, or stop what listens there.`,
    );
  });

  it('says that its address is not of this machine', async () => {
    await expect(start({ HOST: '192.0.2.1', RINGBACK_ALLOW_ANONYMOUS: 'true' })).rejects.toThrow(
      /^HOST=192.0.2.1 is not an address of this machine/,
    );
  });

  it('refuses to listen on all addresses without access control', async () => {
    await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow(StartupError);
    await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow(
      /^HOST=0.0.0.0 lets others than this machine in/,
    );
    const open = await start({ HOST: '0.0.0.0', RINGBACK_ALLOW_ANONYMOUS: 'true' });
    await open.stop(never);
  });

  it('says that Redis cannot be reached, without its password', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await new Promise((done) => probe.close(done));
    const url = `redis://:s3cret@127.0.0.1:${port}`;
    const error: unknown = await start({ REDIS_URL: url }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toBe(
      `REDIS_URL: Redis does not answer at 127.0.0.1:${port} (ECONNREFUSED); start it, or correct the address.`,
    );
    expect((error as Error).message).not.toContain('s3cret');
  });
});

describe('HubNode with tokens', () => {
  it('lets in whoever shows one, for what it opens, and nobody else', async () => {
    const node = await start({ RINGBACK_ACCESS_TOKENS: 'app:s3cret:trigger' });
    const status = async (token: string, path: string, method: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(node.url + path, { method, headers })).status;
    };
    expect(await status('s3cret', '/v1/events/a/trigger', 'POST')).toBe(202);
    expect(await status('wrong', '/v1/events/a/trigger', 'POST')).toBe(401);
    expect(await status('s3cret', '/v1/nodes', 'GET')).toBe(403);
    await node.stop(never);
    expect(JSON.stringify(log.lines)).not.toContain('s3cret');
  });
});
