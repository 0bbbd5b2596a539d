import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Negotiations } from './negotiations.js';
import { Bench, until } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

describe('limits', () => {
  it('keeps 20,000 abandoned negotiations small, and drops them all after 15 seconds', () => {
    const timers = new ManualTimers();
    const negotiations = new Negotiations({ timers, disconnectTimeoutMs: 15_000, maxNegotiated: 50_000 });
    const before = process.memoryUsage().heapUsed;
    for (let count = 0; count < 20_000; count++) negotiations.add(`token-${count}`, `id-${count}`, false);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000 * 1024);
    expect(negotiations.size).toBe(20_000);
    timers.advance(16_000);
    expect(negotiations.size).toBe(0);
  });

  it.each(['WebSockets', 'ServerSentEvents', 'LongPolling'] as const)(
    'lets go of a client on %s that reads too slowly',
    async (transport) => {
      bench = await Bench.start({ maxBufferedBytes: 100_000 });
      const token = await bench.token();
      if (transport === 'WebSockets') (await bench.open(`/hub?id=${token}`)).pause();
      else if (transport === 'ServerSentEvents') (await bench.stream(token)).socket.pause();
      else await bench.ask('GET', `/hub?id=${token}`);
      const { last } = bench;
      await until(() => {
        last.connection.send(['x'.repeat(50_000)]);
        expect(last.connection.bufferedBytes).toBeLessThan(200_000);
        return last.ended;
      });
      expect(last.error?.message).toMatch(/too slowly/);
      expect(bench.endpoint.connectionCount).toBe(0);
    },
  );

  it('lets go of a client that sends pings and never reads', async () => {
    bench = await Bench.start({ maxBufferedBytes: 60_000 });
    const { endpoint } = bench;
    const other = await bench.open('/hub');
    const { socket } = await bench.raw(
      'GET /hub HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    socket.pause();
    await until(() => endpoint.connectionCount === 2);
    const { connection } = bench.last;
    await until(() => {
      if (connection.bufferedBytes === 0) connection.send(['x'.repeat(50_000)]);
      return connection.bufferedBytes > 0;
    });
    const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125)]);
    await until(() => {
      if (socket.writableLength < 1_000_000) socket.write(ping);
      return endpoint.connectionCount === 1;
    });
    other.ping();
    await once(other, 'pong');
  });

  it('answers the last ping of those that come at once', async () => {
    bench = await Bench.start();
    const socket = await bench.open('/hub');
    const pongs: string[] = [];
    socket.on('pong', (data) => pongs.push(String(data)));
    for (let sent = 0; sent < 5_000; sent++) socket.ping();
    socket.ping('last');
    await until(() => pongs.at(-1) === 'last');
    expect(pongs.length).toBeLessThan(1_000);
  });

  it('sends one write that is longer than the bound to a client that keeps up', async () => {
    bench = await Bench.start({ maxBufferedBytes: 1000 });
    const socket = await bench.open('/hub');
    const received = once(socket, 'message');
    bench.last.connection.send(['x'.repeat(5_000_000)]);
    expect(((await received)[0] as Buffer).byteLength).toBe(5_000_000);
  });

  it('answers 503 beyond the most connections, on every way in', async () => {
    bench = await Bench.start({ maxConnections: 1 });
    const [first, second] = [await bench.token(), await bench.token()];
    await bench.ask('GET', `/hub?id=${first}`);
    const answers = [
      await bench.ask('POST', '/hub/negotiate'),
      await bench.ask('GET', `/hub?id=${second}`),
      await bench.refused(`/hub?id=${second}`),
      await bench.refused('/hub'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    await bench.ask('DELETE', `/hub?id=${first}`);
    expect((await bench.ask('GET', `/hub?id=${second}`)).status).toBe(200);
  });

  it('ends only the connection whose listener throws', async () => {
    bench = await Bench.start({
      accept: (connection) =>
        connection.listen({
          onBytes: () => {
            throw new Error('listener');
          },
          onClosed: () => {
            throw new Error('again');
          },
          onReattached: () => undefined,
        }),
    });
    const [bad, good] = [await bench.open('/hub'), await bench.open('/hub')];
    bad.send('x');
    await once(bad, 'close');
    const { faults } = bench;
    await until(() => faults.length === 2);
    expect([bench.endpoint.connectionCount, good.readyState]).toEqual([1, good.OPEN]);
  });

  it('keeps what comes before anybody listens, up to a bound', async () => {
    const accepted: Parameters<Bench['record']>[0][] = [];
    bench = await Bench.start({ maxInboundBytes: 10, accept: (connection) => accepted.push(connection) });
    const [patient, flooding] = [await bench.open('/hub'), await bench.open('/hub')];
    flooding.send('123456');
    flooding.send('789012');
    patient.send('early');
    const { endpoint } = bench;
    await until(() => endpoint.connectionCount === 1);
    for (const connection of accepted) bench.record(connection);
    const [first, second] = bench.seen;
    await until(() => first?.inbound === 'early' && second?.ended === true);
  });

  it('closes every connection, and takes nothing new', async () => {
    bench = await Bench.start();
    const socket = await bench.open('/hub');
    await bench.stream(await bench.token());
    const closed = once(socket, 'close');
    await bench.endpoint.close();
    expect(((await closed) as [number])[0]).toBe(1000);
    expect((await bench.ask('POST', '/hub/negotiate')).status).toBe(503);
    expect((await bench.refused('/hub')).status).toBe(503);
  });

  it('leaves other paths and upgrades to whoever listened before', async () => {
    const first = await Bench.start();
    bench = first;
    first.server.prependListener('request', () => undefined);
    const other = new Bench({ path: '/other' });
    other.endpoint.attach(first.server);
    expect((await first.ask('POST', '/other/negotiate')).status).toBe(200);
    expect((await first.ask('POST', '/hub/negotiate')).status).toBe(200);
    expect((await first.ask('POST', '/none')).status).toBe(404);
    await expect(first.refused('/none')).rejects.toThrow(/hang up|ECONNRESET/);
  });
});
