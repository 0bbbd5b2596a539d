import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { TriggerReply } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { io } from 'socket.io-client';
import { metric } from './support/http.js';
import { startOwnRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const TOKEN = 'token-of-the-bridge';
const TOKENS = JSON.stringify([
  { name: 'branch', token: TOKEN, actions: ['subscribe', 'trigger'], unmetered: true },
]);

const PER_SECOND = 2_000;
const FOR_SECONDS = Number(process.env['BRIDGE_SECONDS'] ?? 60);
const COUNT = PER_SECOND * FOR_SECONDS;

/** How often what is due is sent. */
const TICK_MS = 10;

/** No pause of the bridge may last longer. */
const MAX_PAUSE_MS = 1_000;

/** On a machine that is too slow for this rate, what is due waits in the client. */
const REPLIED_WITHIN_MS = 300_000;

interface Bridge {
  trigger(eventguid: string, data: string): Promise<TriggerReply>;
  close(): unknown;
}

async function signalR(url: string): Promise<Bridge> {
  const options = { transport: HttpTransportType.WebSockets, accessTokenFactory: () => TOKEN };
  const connection = new HubConnectionBuilder()
    .withUrl(`${url}/hub`, options)
    .configureLogging(LogLevel.None)
    .build();
  await connection.start();
  return {
    trigger: (eventguid, data) => connection.invoke('TriggerEvent', eventguid, data, null),
    close: () => connection.stop(),
  };
}

async function socketIo(url: string): Promise<Bridge> {
  const socket = io(url, { transports: ['websocket'], auth: { token: TOKEN }, reconnection: false });
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  return {
    trigger: async (eventguid, data) =>
      (await socket.emitWithAck('TriggerEvent', eventguid, data)) as TriggerReply,
    close: () => socket.close(),
  };
}

/** Sends what is due by the clock, whether it is answered or not, and writes down what comes back. */
class Carrier {
  /** By the order in which they were sent. */
  readonly positions: string[] = [];
  readonly refusals: unknown[] = [];
  replies = 0;
  /** For how long nothing was answered while something was under way, in time that this process had. */
  longestSilenceMs = 0;
  private sent = 0;
  private silentMs = 0;

  constructor(private readonly bridge: Bridge) {}

  /** Resolves when all is sent and answered. */
  async carry(): Promise<void> {
    const startedAt = performance.now();
    const timer = setInterval(() => this.tick(performance.now() - startedAt), TICK_MS);
    const isDone = (): boolean => this.replies + this.refusals.length === COUNT;
    await waitFor(isDone, 'all replies', REPLIED_WITHIN_MS).finally(() => clearInterval(timer));
  }

  /** Time in which this process stood still itself does not count. */
  private tick(passedMs: number): void {
    const isWaiting = this.sent > this.replies + this.refusals.length;
    this.silentMs = isWaiting ? this.silentMs + TICK_MS : 0;
    this.longestSilenceMs = Math.max(this.longestSilenceMs, this.silentMs);
    const due = Math.min(COUNT, Math.floor((passedMs * PER_SECOND) / 1_000));
    while (this.sent < due) this.send(this.sent++);
  }

  private send(index: number): void {
    this.bridge.trigger('carried', `${index}`).then(
      (reply) => this.onReply(index, reply),
      (error: unknown) => this.refusals.push(error),
    );
  }

  private onReply(index: number, reply: TriggerReply): void {
    this.silentMs = 0;
    if (!reply.ok) return void this.refusals.push(reply);
    this.replies += 1;
    this.positions[index] = reply.position;
  }
}

const offsetOf = (position: string): number => Number(position.split(':').at(-1));

describe.each([
  ['signalr', signalR],
  ['socketio', socketIo],
])('a bridge of %s with the limits by default, 2,000 triggers a second', (gateway, connect) => {
  let closing: (() => unknown)[] = [];

  afterEach(async () => {
    const begun = closing.toReversed();
    closing = [];
    for (const close of begun) await close();
  });

  it('is answered all of them, in order, refused none, and never paused for more than 1 s', async () => {
    const redis = await startOwnRedis(['--appendonly', 'no']);
    closing.push(() => redis.close());
    const world = await World.start({
      redisUrl: redis.url,
      nodes: 1,
      env: { RINGBACK_ACCESS_TOKENS: TOKENS },
    });
    closing.push(() => world.close());
    const { url } = world.node(0);
    const bridge = await connect(url);
    closing.push(() => bridge.close());
    const carrier = new Carrier(bridge);
    await carrier.carry();
    expect(carrier.refusals).toEqual([]);
    expect(carrier.replies).toBe(COUNT);
    expect(carrier.positions.map(offsetOf)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
    expect(carrier.longestSilenceMs).toBeLessThanOrEqual(MAX_PAUSE_MS);
    for (const cause of ['rate', 'unread'])
      expect(
        await metric(url, 'ringback_inbound_pauses_total', `{gateway="${gateway}",cause="${cause}"}`),
      ).toBe(0);
  });
});
