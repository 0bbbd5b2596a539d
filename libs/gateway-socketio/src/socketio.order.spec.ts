import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import type { Socket } from 'socket.io-client';
import { GatewayTestServer } from './testing/gateway-test-server.js';

const ROUNDS = 100;

type Reply = { readonly ok: boolean; readonly code?: string; readonly position: string };

describe('the commands of one connection', () => {
  let hub: Hub;
  let served: GatewayTestServer;
  let client: Socket;
  let metrics: CountingMetrics;
  let deliveries: string[];

  beforeEach(async () => {
    metrics = new CountingMetrics();
    const cluster = new MemoryCluster();
    hub = new Hub(
      {
        ...cluster.node(),
        access: new OpenAccess(),
        clock: new SystemClock(),
        log: new SilentLog(),
        metrics,
      },
      {
        nodeId: 'node-1',
        address: 'http://127.0.0.1:0',
        version: '0',
        leaseMs: 30_000,
        limits: DEFAULT_LIMITS,
      },
    );
    await hub.start();
    served = await GatewayTestServer.start(hub);
    client = await served.connected();
    deliveries = [];
    client.on('ReceiveEvent', (_eventguid, cookie: string, data: string) =>
      deliveries.push(`${cookie} ${data}`),
    );
  });

  afterEach(async () => {
    await served.close();
    await hub.drain();
  });

  const send = (...message: [string, ...unknown[]]) => client.emitWithAck(...message) as Promise<Reply>;

  it.each<[pair: string, delivered: string, before: [string, ...unknown[]][], first: [string, ...unknown[]]]>(
    [
      ['subscribe', 'c 1', [], ['SubscribeToEvent', 'guid', 'c']],
      [
        'change of a cookie',
        'new 1',
        [['SubscribeToEvent', 'guid', 'old']],
        ['SubscribeToEvent', 'guid', 'new'],
      ],
      ['unsubscribe', '', [['SubscribeToEvent', 'guid', 'c']], ['UnsubscribeFromEvent', 'guid']],
      [
        'cookie that unsubscribes',
        '',
        [['SubscribeToEvent', 'guid', 'c']],
        ['SubscribeToEvent', 'guid', ' '],
      ],
    ],
  )('lets no trigger overtake a %s', async (_pair, delivered, before, first) => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const message of before) await send(...message);
      const replies = await Promise.all([send(...first), send('TriggerEvent', 'guid', '1')]);
      expect(replies.every(({ ok }) => ok)).toBe(true);
      await waitFor(() => deliveries.join() === delivered, 'what is to be delivered');
      deliveries.length = 0;
      await send('UnsubscribeFromEvent', 'guid');
    }
    expect(deliveries).toEqual([]);
  });

  it('keeps the order of triggers, those that wait for receipts and those that are refused among them', async () => {
    await send('SubscribeToEvent', 'guid', 'c');
    const sent = Array.from({ length: DEFAULT_LIMITS.commandsPerConnection }, (_value, index) => index);
    const replies = await Promise.all(
      sent.map((index) => {
        if (index % 10 === 3) return send('TriggerEvent', 'guid', 'refused', 'no option');
        if (index % 10 === 7) return send('TriggerEvent', 'guid', `${index}`, { wait: 'delivered' });
        return send('TriggerEvent', 'guid', `${index}`);
      }),
    );
    const accepted = sent.filter((index) => index % 10 !== 3);
    await waitFor(() => deliveries.length >= accepted.length, 'the deliveries');
    expect(deliveries).toEqual(accepted.map((index) => `c ${index}`));
    const offsets = accepted.map((index) => Number(replies[index]?.position.split(':')[1]));
    expect(offsets).toEqual(accepted.map((_index, at) => at + 1));
  });

  it('are refused without a word of what they held, and counted once', async () => {
    const notices: unknown[] = [];
    client.onAny((name, notice) => notices.push(name, notice));
    client.emit('SubscribeToEvent', 'a\u0000b', 'the cookie');
    client.emit('TriggerEvent', 'guid', 'the data', 'the option');
    client.emit('TriggerEvent', 'guid', 'the data', {}, 'too much');
    client.emit('NoMethod', 'the argument');
    const reply = await send('SubscribeToEvent', 'guid', 'the cookie', { after: 'the position' });
    expect(JSON.stringify([notices, reply])).not.toMatch(/the (cookie|data|option|argument|position)/);
    expect(notices.filter((_notice, index) => index % 2 === 0)).toEqual(
      Array.from({ length: 4 }, () => 'HubError'),
    );
    expect(metrics.count('failed')).toBe(5);
  });
});
