import { afterEach, describe, expect, it } from '@jest/globals';
import { Bench, until, type Answer } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench;
let timers: ManualTimers;
let url: string;
afterEach(async () => bench.stop());

async function started(options = {}): Promise<Answer> {
  timers = new ManualTimers();
  bench = await Bench.start({ timers, ...options });
  url = `/hub?id=${await bench.token()}`;
  return bench.ask('GET', url);
}

/** A poll that has arrived at the server, and its answer to come. */
async function waiting(): Promise<{ readonly answer: Promise<Answer> }> {
  const arrived = new Promise((resolve) => bench.server.once('request', resolve));
  const answer = bench.ask('GET', `${url}&_=1`);
  await arrived;
  await new Promise((resolve) => setImmediate(resolve));
  return { answer };
}

describe('long polling', () => {
  it('answers the first poll at once and empty, whatever was sent before', async () => {
    const accept = (connection: Parameters<Bench['record']>[0]): void => {
      bench.record(connection);
      connection.send(['early']);
    };
    const first = await started({ accept });
    expect([first.status, first.body]).toEqual([200, '']);
    expect(first.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '0',
      'cache-control': 'no-cache, no-store',
      pragma: 'no-cache',
      expires: 'Thu, 01 Jan 1970 00:00:00 GMT',
    });
    expect((await bench.ask('GET', url)).body).toBe('early');
    expect(bench.last.connection).toMatchObject({ transport: 'LongPolling', needsPings: false });
  });

  it('answers the next poll with all that was queued', async () => {
    await started();
    bench.last.connection.send(['a', Buffer.from('b')]);
    bench.last.connection.send(['c']);
    const { status, body, headers } = await bench.ask('GET', url);
    expect([status, body, headers['content-length']]).toEqual([200, 'abc', '3']);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(bench.last.connection.bufferedBytes).toBe(0);
  });

  it('lets a poll wait until there is something to say', async () => {
    await started();
    const { answer } = await waiting();
    bench.last.connection.send(['one']);
    bench.last.connection.send(['two']);
    expect((await answer).body).toBe('onetwo');
  });

  it('answers an empty 200 after 50 seconds, before common proxies give up', async () => {
    await started();
    const { answer } = await waiting();
    timers.advance(50_000);
    const { status, body } = await answer;
    expect([status, body, bench.last.ended]).toEqual([200, '', false]);
  });

  it('answers a superseded poll with 204 and serves the newer one', async () => {
    await started();
    const { answer: older } = await waiting();
    const { answer: newer } = await waiting();
    const { status, headers } = await older;
    expect([status, headers['cache-control']]).toEqual([204, 'no-cache, no-store']);
    bench.last.connection.send(['x']);
    expect((await newer).body).toBe('x');
  });

  it('answers a waiting poll with 204 when the connection closes, and 404 afterwards', async () => {
    await started();
    const { answer } = await waiting();
    bench.last.connection.close();
    expect((await answer).status).toBe(204);
    await until(() => bench.last.ended);
    expect((await bench.ask('GET', url)).status).toBe(404);
  });

  it('hands over what was sent before the close, then says 204', async () => {
    await started();
    bench.last.connection.send(['last']);
    bench.last.connection.close();
    const { status, body } = await bench.ask('GET', url);
    expect([status, body]).toEqual([200, 'last']);
    expect((await bench.ask('GET', url)).status).toBe(204);
    expect((await bench.ask('GET', url)).status).toBe(404);
  });

  it('ends by DELETE: 202, and 204 to the waiting poll', async () => {
    await started();
    const { answer } = await waiting();
    const deleted = await bench.ask('DELETE', url);
    expect([deleted.status, deleted.body, (await answer).status]).toEqual([202, '', 204]);
    await until(() => bench.last.ended);
    expect(bench.last.error).toBeUndefined();
  });

  it('ends when no poll comes for 15 seconds', async () => {
    await started();
    timers.advance(14_999);
    expect(bench.endpoint.connectionCount).toBe(1);
    timers.advance(1);
    await until(() => bench.last.ended);
    expect((await bench.ask('GET', url)).status).toBe(404);
  });

  it('is not away while a poll waits, and is when that poll is cut off', async () => {
    await started();
    const raw = await bench.raw(`GET ${url} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => bench.server.once('request', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    timers.advance(60_000);
    expect(bench.endpoint.connectionCount).toBe(1);
    raw.socket.destroy();
    await until(() => {
      timers.advance(15_000);
      return bench.endpoint.connectionCount === 0;
    });
  });

  it('asks the policy again with every poll, and shows the user of the latest', async () => {
    let user = 0;
    await started({ authenticate: async () => ++user });
    const before = bench.last.connection.user;
    bench.last.connection.send(['x']);
    await bench.ask('GET', url);
    expect([before, bench.last.connection.user]).toEqual([2, 3]);
  });
});

describe('POST sends', () => {
  it('takes concurrent bodies in order of arrival', async () => {
    await started();
    const slow = await bench.raw(`POST ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nfir`);
    await new Promise((resolve) => bench.server.once('request', resolve));
    const next = bench.ask('POST', url, { 'content-type': 'application/octet-stream' }, 'second');
    await new Promise((resolve) => bench.server.once('request', resolve));
    expect(bench.last.inbound).toBe('');
    slow.socket.write('st ');
    await until(() => slow.text.startsWith('HTTP/1.1 200 '));
    const { status, body } = await next;
    expect([status, body, bench.last.inbound]).toEqual([200, '', 'first second']);
  });

  it.each([
    ['with a length', { 'content-length': '101' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('refuses a body that is too long %s', async (_title, headers) => {
    await started({ maxInboundBytes: 100 });
    expect((await bench.ask('POST', url, headers, 'x'.repeat(101))).status).toBe(413);
    expect((await bench.ask('POST', url, {}, 'fine')).status).toBe(200);
    expect(bench.last.inbound).toBe('fine');
  });

  it('answers 200 to the very body that ends the connection', async () => {
    const accept = (connection: Parameters<Bench['record']>[0]): void =>
      connection.listen({
        onBytes: () => connection.close(),
        onClosed: () => undefined,
        onReattached: () => undefined,
      });
    await started({ accept });
    expect((await bench.ask('POST', url, {}, '{"type":7}\x1e')).status).toBe(200);
    expect((await bench.ask('GET', url)).status).toBe(204);
  });
});
