import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deferred } from '@ringback/async';
import {
  CLOSE_REASONS,
  DEFAULT_LIMITS,
  HubError,
  METHODS,
  parseSubscribe,
  parseTrigger,
  type CloseReason,
} from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { Hub, type Codec } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { randomUUID } from 'node:crypto';
import { ConnectionRegistry } from './connection-registry.js';
import { GatewayConnection } from './gateway-connection.js';

const codec: Codec = {
  name: 'test',
  encodeCookie: (cookie) => cookie,
  prepare:
    ({ data }) =>
    (cookie) =>
      `${cookie}: ${String(data)}`,
};

/** Keeps what it is sent. */
class KeptConnection extends GatewayConnection {
  readonly connectionId = randomUUID();
  readonly gateway = 'test';
  readonly codec = codec;
  readonly bufferedBytes = 0;
  readonly frames: string[] = [];
  readonly closed: string[] = [];

  protected write(frames: readonly string[]): void {
    this.frames.push(...frames);
  }

  protected closeGracefully({ name }: CloseReason): void {
    this.closed.push(name);
  }

  protected abort(): void {
    this.closed.push('aborted');
  }
}

const anyone = { name: 'anyone' };

describe('ConnectionRegistry and ClientSession', () => {
  const metrics = new CountingMetrics();
  let hub: Hub;
  let registry: ConnectionRegistry<KeptConnection>;

  beforeEach(async () => {
    const ports = { ...new MemoryCluster().node(), access: new OpenAccess(), clock: new SystemClock() };
    hub = new Hub(
      { ...ports, log: new SilentLog(), metrics },
      { nodeId: 'n1', address: 'http://n1', version: '0', limits: DEFAULT_LIMITS, leaseMs: 15_000 },
    );
    await hub.start();
    registry = new ConnectionRegistry(hub, 'test');
  });

  afterEach(async () => {
    await hub.drain();
  });

  function connect() {
    const connection = new KeptConnection(() => undefined);
    return { connection, session: registry.open(connection, anyone) };
  }

  it('delivers to a client whose trigger stands right behind its subscribe, every time', async () => {
    const { connection, session } = connect();
    const replies: Promise<unknown>[] = [];
    for (let round = 0; round < 100; round++) {
      const [event, cookie] = [`e${round}`, `c${round}`];
      replies.push(
        session.run(METHODS.subscribe, [event, cookie], (release) =>
          session.execute(parseSubscribe([event, cookie]), release),
        ),
        session.run(METHODS.trigger, [event, 'x'], (release) =>
          session.execute(parseTrigger([event, 'x']), release),
        ),
      );
    }
    await Promise.all(replies);
    await waitFor(() => connection.frames.length >= 100, 'all deliveries');
    expect(connection.frames).toEqual(Array.from({ length: 100 }, (_, round) => `c${round}: x`));
  });

  it('goes on behind a trigger that waits for its receipt once it is accepted', async () => {
    const { session } = connect();
    const order: string[] = [];
    const trigger = parseTrigger(['e', 'x', { wait: 'delivered' }]);
    const waiting = session
      .run(METHODS.trigger, ['e'], (release) => session.execute(trigger, release))
      .then(() => order.push('receipt'));
    const behind = session.run(METHODS.subscribe, ['f'], () => Promise.resolve(order.push('started')));
    await Promise.all([waiting, behind]);
    expect(order[0]).toBe('started');
  });

  it.each([
    ['at once', undefined, 3],
    [
      'of a durable subscriber one after the other',
      { subscriberId: 'shop', resume: 'on-connect' as const },
      1,
    ],
  ])('does subscribes %s', async (_how, request, atOnce) => {
    const connection = new KeptConnection(() => undefined);
    const session = registry.open(connection, anyone, request);
    const end = new Deferred<void>();
    let started = 0;
    const all = ['a', 'b', 'c'].map((event) =>
      session.run(METHODS.subscribe, [event], () => {
        started += 1;
        return end.promise;
      }),
    );
    expect(started).toBe(atOnce);
    end.resolve();
    await Promise.all(all);
    expect(started).toBe(3);
  });

  it('keeps the last cookie of an event, however long a guard holds each subscribe up', async () => {
    const { connection, session } = connect();
    const guards = Array.from({ length: 8 }, () => new Deferred<void>());
    const all = guards.map((guard, index) =>
      session.run(METHODS.subscribe, ['e', `c${index}`], async (release) => {
        await guard.promise;
        return session.execute(parseSubscribe(['e', `c${index}`]), release);
      }),
    );
    for (const guard of guards.toReversed()) {
      guard.resolve();
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    await session.execute(parseTrigger(['e', 'x']), () => undefined);
    await waitFor(() => connection.frames.length > 0, 'a delivery');
    expect(connection.frames).toEqual(['c7: x']);
  });

  it('does triggers in order of arrival, however long a guard holds each up', async () => {
    const { connection, session } = connect();
    await session.execute(parseSubscribe(['e', 'c']), () => undefined);
    const guards = Array.from({ length: 8 }, () => new Deferred<void>());
    const replies = guards.map((guard, index) =>
      session.run(METHODS.trigger, ['e'], async (release) => {
        await guard.promise;
        if (index === 3) throw new HubError('forbidden');
        return session.execute(parseTrigger(['e', `d${index}`]), release);
      }),
    );
    const settled = Promise.allSettled(replies);
    for (const guard of guards.toReversed()) {
      guard.resolve();
      await new Promise(setImmediate);
    }
    const refused = (await settled).filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'forbidden' } }]);
    await waitFor(() => connection.frames.length === 7, 'all deliveries');
    expect(connection.frames).toEqual([0, 1, 2, 4, 5, 6, 7].map((index) => `c: d${index}`));
  });

  it('asks for the shard of no eventguid that is about to be refused', async () => {
    const { session } = connect();
    const shardOf = jest.spyOn(hub, 'shardOf');
    for (const eventguid of ['e', 'x'.repeat(257), 7])
      await session.run(METHODS.trigger, [eventguid], () => Promise.resolve());
    expect(shardOf.mock.calls).toEqual([['e']]);
  });

  it('refuses commands of a connection that the hub has closed', async () => {
    const { connection, session } = connect();
    connection.close(CLOSE_REASONS.draining);
    await expect(session.run(METHODS.trigger, ['e'], () => Promise.resolve())).rejects.toMatchObject({
      code: 'closed',
    });
  });

  it('ends with the reason for which the hub closed the connection, once', () => {
    const { connection, session } = connect();
    connection.close(CLOSE_REASONS['session-taken-over']);
    registry.end(session);
    registry.end(session);
    expect([registry.size, metrics.count('disconnected', 'session-taken-over')]).toEqual([0, 1]);
  });

  it('lets operators find and close what it holds', async () => {
    const { connection, session } = connect();
    const { connectionId } = connection;
    expect(await hub.operator.connection(anyone, connectionId)).toMatchObject({
      connectionId,
      gateway: 'test',
      nodeId: 'n1',
    });
    await hub.operator.disconnect(anyone, connectionId);
    expect(connection.closed).toEqual(['closed-by-operator']);
    expect(registry.find(connectionId)).toBe(session);
    expect(registry.remove('another')).toBe(false);
  });

  it('takes nothing in that the hub refuses', async () => {
    await hub.drain();
    expect(() => connect()).toThrow(expect.objectContaining({ code: 'draining' }));
    expect(registry.size).toBe(0);
  });
});
