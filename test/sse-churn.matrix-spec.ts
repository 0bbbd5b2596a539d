import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { HeapProbe } from './support/heap-probe.js';
import { metric, storedSubscribers, trigger } from './support/http.js';
import { RawStream } from './support/raw-stream.js';
import { startRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** Openings before it is looked at what there is, and as many times that after it. */
const WARM = 1_000;
const MORE = 4_000;
const AT_A_TIME = 50;

/** A node learns and warms up for some time; a socket that were left behind would be 2,500 at the least. */
const MOST_BYTES_EACH = 1_200;

const EVENTS = Array.from({ length: 11 }, (_, index) => `churned ${index}`);

/** Connections that are kept to the nodes for others: haproxy's, Redis', the test's own. */
const MOST_MORE_SOCKETS = 15;

const WITHIN_MS = 30_000;

/** How clients leave, by turns. */
const LEAVINGS: readonly ((socket: Socket, head: string) => void)[] = [
  // In the middle of their request.
  (socket, head) => void socket.write(head.slice(0, -10), () => socket.resetAndDestroy()),
  // As soon as they have asked.
  (socket, head) => void socket.write(head, () => socket.resetAndDestroy()),
  // As soon as they are answered.
  (socket, head) => {
    socket.once('data', () => socket.resetAndDestroy());
    socket.write(head);
  },
  (socket, head) => {
    socket.once('data', () => socket.destroy());
    socket.write(head);
  },
];

const BIG = 'x'.repeat(60_000);

/** What waits in proxies and kernels does not count for the outbox: several times as much has to be sent. */
const MOST_TRIGGERS = 1_000;

const ENV = {
  RINGBACK_SSE_KEEP_ALIVE_MS: '1000',
  RINGBACK_HISTORY_BYTES: String(2 * MOST_TRIGGERS * BIG.length),
  RINGBACK_HISTORY_ENVELOPES: String(2 * MOST_TRIGGERS),
};

describe('the event streams of three nodes behind haproxy', () => {
  /** What has been started, even if what comes after it could not be. */
  const closing: (() => Promise<unknown> | void)[] = [];
  const heap = new HeapProbe();
  let world: World;
  let streams: RawStream[] = [];

  beforeAll(async () => {
    closing.push(() => heap.close());
    const redis = await startRedis();
    closing.push(() => redis.close());
    world = await World.start({ redisUrl: redis.url, nodes: 3, env: { ...ENV, ...heap.env } });
    closing.push(() => world.close());
  });
  afterAll(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  afterEach(() => {
    for (const stream of streams) stream.close();
    streams = [];
  });

  const sumOf = async (name: string, labels = ''): Promise<number> => {
    const figures = await Promise.all(world.nodes.map(({ url }) => metric(url, name, labels)));
    return figures.reduce((sum, figure) => sum + figure, 0);
  };

  /** Opens a stream and leaves it; resolves once its socket is closed. */
  const openAndLeave = async (index: number, lastEventId: string): Promise<void> => {
    const { host, port } = new URL(world.url);
    const query = EVENTS.map((eventguid) => `event=${encodeURIComponent(eventguid)}&cookie=${index}`);
    const format = index % 8 < 4 ? 'plain' : 'envelope';
    const back = index % 3 === 0 ? `Last-Event-ID: ${lastEventId}\r\n` : '';
    const head = `GET /v1/stream?${query.join('&')}&format=${format} HTTP/1.1\r\nHost: ${host}\r\n${back}\r\n`;
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.on('error', () => undefined); // it closes, too
      socket.once('close', () => resolve());
      LEAVINGS[index % LEAVINGS.length]!(socket, head);
    });
  };

  const churn = async (count: number, lastEventId: string): Promise<void> => {
    for (let index = 0; index < count; index += AT_A_TIME) {
      const some = Array.from({ length: AT_A_TIME }, (_, more) => openAndLeave(index + more, lastEventId));
      await trigger(world.url, EVENTS[index % EVENTS.length]!, { data: 'meanwhile' });
      await Promise.all(some);
    }
    await waitFor(
      async () => (await sumOf('ringback_connections', '{gateway="sse"}')) === 0,
      'the end of all connections',
      WITHIN_MS,
    );
  };

  const heapBytes = (): Promise<number[]> => Promise.all(world.nodes.map(({ pid }) => heap.bytesOf(pid)));

  it('leave nothing behind of thousands that come and go', async () => {
    const first = open(EVENTS.map((eventguid) => ['event', eventguid]));
    await first.reachesId();
    first.close();
    await churn(WARM, first.lastEventId!);
    const [bytes, sockets] = [await heapBytes(), world.nodes.map(({ pid }) => socketsOf(pid))];
    const before = await sumOf('ringback_disconnections_total', '{gateway="sse",reason="client"}');
    await churn(MORE, first.lastEventId!);
    const left = await sumOf('ringback_disconnections_total', '{gateway="sse",reason="client"}');

    expect(left - before).toBeGreaterThan(MORE / 4); // so many were there at the least
    expect(await sumOf('ringback_subscriptions')).toBe(0);
    expect(await sumOf('ringback_followed_events')).toBe(0);
    expect(await sumOf('ringback_outbox_bytes')).toBe(0);
    for (const eventguid of EVENTS) expect(await storedSubscribers(world.url, eventguid)).toBe(0);
    const after = await heapBytes();
    for (const [index, { pid }] of world.nodes.entries()) {
      expect(after[index]! - bytes[index]!).toBeLessThan((MORE * MOST_BYTES_EACH) / world.nodes.length);
      expect(socketsOf(pid) - sockets[index]!).toBeLessThan(MOST_MORE_SOCKETS);
    }
  });

  it.each([1, 11, 12])('cut a slow reader of %i events off, which then recovers all of it', async (count) => {
    const events = Array.from({ length: count }, (_, index) => `slow ${index} of ${count}`);
    const query = events.map((eventguid) => ['event', eventguid] as const);
    const [slow, fast] = [open(query), open(query)];
    await Promise.all([slow.reachesId(), fast.reachesId()]);
    slow.pause();
    const cuts = (): Promise<number> =>
      sumOf('ringback_disconnections_total', '{gateway="sse",reason="slow-consumer"}');
    const before = await cuts();
    const sent: string[] = [];
    while ((await cuts()) === before && sent.length < MOST_TRIGGERS) {
      sent.push(`${sent.length} ${BIG}`);
      await trigger(world.url, events[sent.length % count]!, { data: sent.at(-1)! });
    }
    expect(await cuts()).toBe(before + 1);
    slow.resume();
    await slow.ends();
    expect(slow.data.length).toBeLessThan(sent.length);

    const back = open(query, { 'Last-Event-ID': slow.lastEventId! });
    const hasAll = (...streams: readonly RawStream[]): boolean =>
      streams.reduce((sum, { data }) => sum + data.length, 0) >= sent.length;
    await waitFor(() => hasAll(slow, back) && hasAll(fast), 'everything at both', WITHIN_MS);
    expect(back.head).toMatch(/^ringback-recovered: true$/im);
    expect(inOrder([...slow.data, ...back.data])).toEqual(sent.map(numberOf));
    expect(fast.data.map(numberOf)).toEqual(sent.map(numberOf));
  });

  function open(query: readonly (readonly [string, string])[], headers = {}): RawStream {
    const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
    const stream = new RawStream(`${world.url}/v1/stream?${text}`, { headers });
    streams.push(stream);
    return stream;
  }
});

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:');
    } catch {
      return false; // it was closed meanwhile
    }
  }).length;
}

function numberOf(data: string): number {
  return Number(data.split(' ', 1)[0]);
}

/** Events have an order each, and none among them where several are recovered. */
function inOrder(data: readonly string[]): number[] {
  return data.map(numberOf).toSorted((one, other) => one - other);
}
