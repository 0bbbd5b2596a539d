import { afterEach, describe, expect, it } from '@jest/globals';
import { eventText } from './event-stream-connection.js';
import { Bench, until } from './testing/bench.js';

let bench: Bench;
afterEach(async () => bench.stop());

describe('Server-Sent Events', () => {
  it('starts with its headers and a comment', async () => {
    bench = await Bench.start();
    const { text } = await bench.stream(await bench.token());
    const [head = ''] = text.split('\r\n\r\n', 1);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    for (const line of [
      'Content-Type: text/event-stream',
      'Cache-Control: no-cache,no-store',
      'Pragma: no-cache',
      'Content-Encoding: identity',
    ])
      expect(head.split('\r\n')).toContain(line);
    expect(text.slice(head.length)).toBe('\r\n\r\n3\r\n:\r\n\r\n');
    expect(bench.last.connection).toMatchObject({ transport: 'ServerSentEvents', needsPings: true });
    expect(bench.last.connection.transferFormats).toEqual(['Text']);
  });

  it.each([
    ['{}\x1e', 'data: {}\x1e\r\n\r\n'],
    ['a\nb', 'data: a\r\ndata: b\r\n\r\n'],
    ['a\r\nb\n', 'data: a\r\ndata: b\r\ndata: \r\n\r\n'],
    ['a\rb', 'data: a\rb\r\n\r\n'],
  ])('writes %j as %j', (payload, expected) => {
    expect(eventText([payload])).toBe(expected);
    expect(eventText([Buffer.from(payload)])).toBe(expected);
  });

  it('writes one event for each write', async () => {
    bench = await Bench.start();
    const seen = await bench.stream(await bench.token());
    bench.last.connection.send(['a', 'b']);
    bench.last.connection.send([Buffer.from('c')]);
    await until(() => seen.text.includes('data: c'));
    expect(seen.text).toContain('data: ab\r\n\r\n');
  });

  it('takes the other direction by POST, body after body', async () => {
    bench = await Bench.start();
    const token = await bench.token();
    await bench.stream(token);
    for (const body of ['{"half', '":1}\x1e']) await bench.ask('POST', `/hub?id=${token}`, {}, body);
    expect(bench.last.inbound).toBe('{"half":1}\x1e');
  });

  it('ends the response after what was sent', async () => {
    bench = await Bench.start();
    const seen = await bench.stream(await bench.token());
    bench.last.connection.send(['last']);
    bench.last.connection.close();
    await until(() => seen.text.endsWith('data: last\r\n\r\n\r\n0\r\n\r\n'));
    await until(() => bench.last.ended);
    expect(bench.last.error).toBeUndefined();
  });

  it('is over when the client leaves; its late POST gets 404', async () => {
    bench = await Bench.start();
    const token = await bench.token();
    const { socket } = await bench.stream(token);
    socket.destroy();
    await until(() => bench.last.ended);
    const late = await bench.ask('POST', `/hub?id=${token}`, {}, '{"type":7}\x1e');
    expect([late.status, late.body]).toEqual([404, 'No Connection with that ID']);
    expect(bench.last.inbound).toBe('');
  });

  it('aborts by cutting the response', async () => {
    bench = await Bench.start();
    const seen = await bench.stream(await bench.token());
    bench.last.connection.abort();
    await until(() => seen.ended && bench.last.ended);
  });

  it.each(['close', 'abort'] as const)('can be ended by %s before it has begun', async (how) => {
    bench = new Bench({ accept: (connection) => connection[how]() });
    bench.endpoint.attach(bench.server);
    await new Promise<void>((resolve) => bench.server.listen(0, '127.0.0.1', resolve));
    const answered = await bench.ask('GET', `/hub?id=${await bench.token()}`, {
      accept: 'text/event-stream',
    });
    expect([answered.status, answered.body]).toEqual(how === 'close' ? [200, ':\r\n'] : [404, '']);
    await until(() => bench.endpoint.connectionCount === 0);
  });
});
