import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import type { PutResult, RelayListener, Relayed } from '@ringback/core';
import { SilentLog } from '@ringback/memory';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { connectRedis, RedisRelay, RedisSubscriptionStore, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

/** For each moment of the cut. */
const ROUNDS = 34;
const COMMAND_TIMEOUT_MS = 2_000;
const SLACK_MS = 1_000;

const fresh = (): EventGuid => parseEventGuid(randomUUID());
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Keeps what a node is sent. */
class Recorder implements RelayListener {
  readonly received: string[] = [];
  onEnvelope({ envelope }: Relayed): void {
    this.received.push(envelope.eventguid);
  }
  onRemoved(): void {}
  onPresence(): void {}
  onDoubt(): void {}
  onFailover(): void {}
}

describe('a subscribe while the links to Redis are remade', () => {
  let server: RestartableRedis;
  let proxy: TcpProxy;
  let redis: RedisConnections;
  let relay: RedisRelay;
  let store: RedisSubscriptionStore;
  const recorder = new Recorder();

  /** What the hub does for a subscribe with `after`. */
  async function subscribe(eventguid: EventGuid): Promise<PutResult> {
    await relay.follow(eventguid);
    const lease = { nodeId: 'node', generation: 'g' };
    const subscriber = `c:${eventguid}`;
    const put = await store.put({ eventguid, subscriber, subscriptionId: eventguid, cookie: '', lease });
    await relay.since(eventguid, put.position);
    return put;
  }

  beforeAll(async () => {
    server = await startOwnRedis();
  });

  afterAll(async () => {
    await server.close();
  });

  beforeEach(async () => {
    proxy = await TcpProxy.start(server.url);
    const url = proxy.url.replace('http:', 'redis:');
    redis = await connectRedis({ url, prefix: `test-${randomUUID()}`, log: new SilentLog() });
    relay = new RedisRelay(redis);
    relay.listen(recorder);
    store = new RedisSubscriptionStore(redis);
  });

  afterEach(async () => {
    await redis.close();
    await proxy.close();
  });

  it.each([
    ['just before it', 0],
    ['right behind it', 1],
    ['a few turns later', 4],
  ])('waits if they are cut %s, and is stored once', async (_when, turns) => {
    const eventguids = Array.from({ length: ROUNDS }, fresh);
    for (const eventguid of eventguids) {
      if (turns === 0) proxy.cut();
      const subscribed = subscribe(eventguid);
      for (let count = 1; count < turns; count++) await turn();
      if (turns > 0) proxy.cut();
      const { subscriptionId, position } = await subscribed;
      expect([subscriptionId, position.offset]).toEqual([eventguid, 0]);
    }
    await waitUntil(async () => relay.healthy, 'the links');
    for (const eventguid of eventguids) {
      const published = await relay.publish({ eventguid, data: '', removeAfterSend: false });
      expect(published).toMatchObject({ subscribers: 1, nodes: 1 });
    }
    await waitUntil(async () => recorder.received.length === ROUNDS, 'the envelopes');
    recorder.received.length = 0;
  });

  it('fails with relay-unavailable in time where they stay dead', async () => {
    await proxy.close();
    const start = performance.now();
    const lease = { nodeId: 'node', generation: 'g' };
    const subscription = { eventguid: fresh(), subscriber: 'c:1', subscriptionId: 's', cookie: '', lease };
    const attempts = [
      subscribe(fresh()),
      store.put(subscription),
      store.resume(fresh(), 'n:a/s', lease, undefined),
    ];
    for (const attempt of attempts) {
      await expect(attempt).rejects.toMatchObject({ code: 'relay-unavailable' });
    }
    expect(performance.now() - start).toBeGreaterThan(COMMAND_TIMEOUT_MS - 50);
    expect(performance.now() - start).toBeLessThan(COMMAND_TIMEOUT_MS + SLACK_MS);
    proxy = await TcpProxy.start(server.url);
  });
});
