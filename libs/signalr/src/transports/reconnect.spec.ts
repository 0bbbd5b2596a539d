import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { Bench, until } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench;
let timers: ManualTimers;
let token: string;
afterEach(async () => bench.stop());

async function opened(): Promise<WebSocket> {
  timers = new ManualTimers();
  bench = await Bench.start({ statefulReconnect: true, timers });
  token = await bench.token('negotiateVersion=1&useStatefulReconnect=true');
  return bench.open(`/hub?id=${token}`);
}

describe('stateful reconnect', () => {
  it('keeps the connection when its socket is lost, and goes on with the next', async () => {
    const first = await opened();
    expect(bench.last.connection.statefulReconnect).toBe(true);
    first.terminate();
    const next = await bench.open(`/hub?id=${token}`);
    await until(() => bench.last.reattached === 1);
    const received = once(next, 'message');
    bench.last.connection.send(['hello']);
    expect(String((await received)[0])).toBe('hello');
    next.send('again');
    await until(() => bench.last.inbound === 'again');
    expect([bench.seen.length, bench.last.ended]).toEqual([1, false]);
  });

  it('replaces a socket that still looks alive', async () => {
    const first = await opened();
    const gone = once(first, 'close');
    const next = await bench.open(`/hub?id=${token}`);
    await gone;
    next.send('x');
    await until(() => bench.last.inbound === 'x');
    expect([bench.last.reattached, bench.last.ended]).toEqual([1, false]);
  });

  it('ends when nobody comes back within 15 seconds', async () => {
    const first = await opened();
    first.terminate();
    await once(first, 'close');
    // the loss is seen once the server has nothing more to write to
    await until(() => {
      timers.advance(15_000);
      return bench.last.ended;
    });
    expect((await bench.refused(`/hub?id=${token}`)).status).toBe(404);
  });

  it.each([1000, undefined])('has no window after a close frame with code %s', async (code) => {
    (await opened()).close(code);
    await until(() => bench.last.ended);
    expect((await bench.refused(`/hub?id=${token}`)).status).toBe(404);
  });

  it('answers 204 once it has been given up', async () => {
    const first = await opened();
    bench.last.connection.disableReconnect();
    expect((await bench.refused(`/hub?id=${token}`)).status).toBe(204);
    first.terminate();
    await until(() => bench.last.ended);
  });

  it('answers 204 while the connection closes', async () => {
    const first = await opened();
    first.pause();
    bench.last.connection.close();
    expect((await bench.refused(`/hub?id=${token}`)).status).toBe(204);
  });

  it('drops what is sent while the client is away: whoever sends it repeats it', async () => {
    const first = await opened();
    first.terminate();
    await until(() => {
      bench.last.connection.send(['lost']);
      return bench.last.connection.bufferedBytes === 0;
    });
    const next = await bench.open(`/hub?id=${token}`);
    expect([bench.last.reattached, next.readyState]).toEqual([1, next.OPEN]);
  });
});

describe('a token that was negotiated elsewhere', () => {
  const adopt = async (text: string) =>
    text === 'signed' ? { connectionId: 'public', statefulReconnect: true } : undefined;
  const tokens = { issue: () => ({ connectionId: 'a', connectionToken: 'b' }), adopt };

  it('is accepted for a WebSocket where it lands', async () => {
    bench = await Bench.start({ tokens });
    await bench.open('/hub?id=signed');
    expect(bench.last.connection).toMatchObject({ connectionId: 'public', statefulReconnect: true });
  });

  it('is refused when the factory does not know it, and for polls', async () => {
    bench = await Bench.start({ tokens });
    expect((await bench.refused('/hub?id=forged')).status).toBe(404);
    expect((await bench.ask('GET', '/hub?id=signed')).status).toBe(404);
  });

  it('is taken to the node that owns it', async () => {
    const taken: string[] = [];
    bench = await Bench.start({
      elsewhere: {
        request: async (request, response, connectionToken) => {
          taken.push(`${request.method} ${connectionToken}`);
          response.end('there');
          return true;
        },
        upgrade: async (_request, socket, _head, connectionToken) => {
          taken.push(`upgrade ${connectionToken}`);
          socket.end('HTTP/1.1 418 There\r\nContent-Length: 0\r\n\r\n');
          return true;
        },
      },
    });
    for (const method of ['GET', 'POST', 'DELETE'])
      expect((await bench.ask(method, '/hub?id=other')).body).toBe('there');
    expect((await bench.refused('/hub?id=other')).status).toBe(418);
    expect(taken).toEqual(['GET other', 'POST other', 'DELETE other', 'upgrade other']);
  });
});
