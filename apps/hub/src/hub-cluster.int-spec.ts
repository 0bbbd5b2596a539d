import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const never = new Promise<void>(() => {});

describe('two nodes on one Redis', () => {
  const log = new RecordingLog();
  const rejections: unknown[] = [];
  const onRejection = (error: unknown): number => rejections.push(error);
  const sockets: Socket[] = [];
  let directory: string;
  let redis: RedisProcess;
  let a: HubNode;
  let b: HubNode;

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    directory = await mkdtemp(join(tmpdir(), 'ringback-hub-'));
    redis = new RedisProcess(directory, await freePort());
    await redis.start();
    [a, b] = await Promise.all([start('a'), start('b')]);
  });

  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await Promise.all([a.stop(never), b.stop(never)]);
    await redis.kill();
    await rm(directory, { recursive: true, force: true });
    process.off('unhandledRejection', onRejection);
  });

  function start(nodeId: string): Promise<HubNode> {
    const environment = {
      PORT: '0',
      RINGBACK_NODE_ID: nodeId,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      RINGBACK_REDIS_PREFIX: 'spec',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
    };
    return HubNode.start(readConfig(environment), log);
  }

  async function connect(url: string, options: object = {}): Promise<Socket> {
    const socket = io(url, { reconnection: false, forceNew: true, ...options });
    sockets.push(socket);
    await once(socket as never, 'connect');
    return socket;
  }

  /** Sends each request of a client to the other node than the one before, as a balancer without stickiness does. */
  async function alternating(): Promise<{ readonly url: string; close(): Promise<void> }> {
    let turn = 0;
    const balancer = createServer((incoming, answer) => {
      const target = (turn++ % 2 === 0 ? a : b).url + (incoming.url ?? '');
      const { method, headers } = incoming;
      const onward = request(target, { method, headers, agent: false }, (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      incoming.pipe(onward);
    });
    balancer.listen(0, '127.0.0.1');
    await once(balancer, 'listening');
    const { port } = balancer.address() as { port: number };
    const close = async (): Promise<void> => {
      balancer.closeAllConnections();
      await new Promise((done) => balancer.close(done));
    };
    return { url: `http://127.0.0.1:${port}`, close };
  }

  async function get(node: HubNode, path: string): Promise<unknown> {
    return (await fetch(node.url + path)).json();
  }

  it('serve a long-polling client whose requests reach either of them', async () => {
    const balancer = await alternating();
    const client = await connect(balancer.url, { transports: ['polling'] });
    const received: unknown[] = [];
    client.on('ReceiveEvent', (...words: unknown[]) => received.push(words[2]));
    expect(await client.emitWithAck('SubscribeToEvent', 'polled', 'cookie')).toMatchObject({ ok: true });
    for (const data of ['one', 'two', 'three']) await client.emitWithAck('TriggerEvent', 'polled', data);
    await waitUntil(() => Promise.resolve(received.length === 3), 'three deliveries');
    expect(received).toEqual(['one', 'two', 'three']);
    client.disconnect();
    await waitUntil(async () => (await countAt(b)) === 0, 'the end of the connection');
    await balancer.close();
  });

  it('carry the upgrade of a polling client from the node that is not its owner', async () => {
    const sid = await sessionAt(a);
    const socket = new WebSocket(
      `${b.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&sid=${sid}`,
    );
    await once(socket, 'open');
    socket.send('2probe');
    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect(answer.toString()).toBe('3probe');
    socket.close();
    await once(socket, 'close');
  });

  async function sessionAt(node: HubNode): Promise<string> {
    const opened = await (await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`)).text();
    return (JSON.parse(opened.slice(1)) as { sid: string }).sid;
  }

  it('let operators count and close the connections of both at either', async () => {
    const client = await connect(a.url);
    const closed = once(client as never, 'HubClose');
    await waitUntil(async () => (await countAt(b)) === 1, 'the connection in the count of the other node');
    const { items } = (await get(b, '/v1/nodes')) as { items: { nodeId: string }[] };
    expect(items.map(({ nodeId }) => nodeId).sort()).toEqual(['a', 'b']);
    const connectionId = client.id ?? '';
    const answer = await fetch(`${b.url}/v1/connections/${encodeURIComponent(connectionId)}`, {
      method: 'DELETE',
    });
    expect(answer.ok).toBe(true);
    expect(await closed).toEqual([expect.objectContaining({ name: 'closed-by-operator' })]);
    await waitUntil(async () => (await countAt(b)) === 0, 'a count without it');
  });

  async function countAt(node: HubNode): Promise<number> {
    return ((await get(node, '/v1/connections')) as { count: number }).count;
  }

  /** A node makes its metrics at most once a second. */
  async function relayHealthy(): Promise<string | undefined> {
    const metrics = await (await fetch(`${a.url}/metrics`)).text();
    return /^ringback_relay_healthy (.)$/m.exec(metrics)?.[1];
  }

  it('outlive a Redis that goes away, are not ready meanwhile, and go on when it is back', async () => {
    const client = await connect(a.url);
    const received: unknown[] = [];
    client.on('ReceiveEvent', (...words: unknown[]) => received.push(words[2]));
    await client.emitWithAck('SubscribeToEvent', 'outage', 'cookie');
    await redis.kill();
    const away = performance.now();
    await waitUntil(async () => (await fetch(`${a.url}/health/ready`)).status === 503, 'not ready');
    expect(performance.now() - away).toBeLessThan(3_000);
    await waitUntil(async () => (await relayHealthy()) === '0', 'a metric that says so');
    const refused = (await client.emitWithAck('TriggerEvent', 'outage', 'lost')) as object;
    expect(refused).toMatchObject({ ok: false, code: 'relay-unavailable' });
    await redis.start();
    const back = performance.now();
    for (const node of [a, b]) {
      await waitUntil(async () => (await fetch(`${node.url}/health/ready`)).ok, 'ready again');
    }
    expect(performance.now() - back).toBeLessThan(10_000);
    await waitUntil(async () => (await relayHealthy()) === '1', 'a metric that says so');
    await waitUntil(async () => {
      const reply = (await client.emitWithAck('TriggerEvent', 'outage', 'back')) as { ok: boolean };
      return reply.ok && received.includes('back');
    }, 'a delivery after the outage');
    expect(rejections).toEqual([]);
  });

  it('find connections on each other again after the outage', async () => {
    const client = await connect(a.url);
    await waitUntil(
      async () => (await fetch(`${b.url}/v1/connections/${encodeURIComponent(client.id ?? '')}`)).ok,
      'the connection seen from the other node',
    );
    expect(await get(b, `/v1/connections/${encodeURIComponent(client.id ?? '')}`)).toMatchObject({
      nodeId: 'a',
    });
  });
});
