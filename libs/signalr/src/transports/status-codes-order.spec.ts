import { afterEach, describe, expect, it } from '@jest/globals';
import type { TransportName } from './index.js';
import { Bench, until, type Answer } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench;
afterEach(async () => bench.stop());

const stream = { accept: 'text/event-stream' };
const all = ['WebSockets', 'ServerSentEvents', 'LongPolling'] as const;
const unknown = 'No Connection with that ID';

const get = (transport: TransportName, target: string): Promise<Answer> =>
  transport === 'WebSockets'
    ? bench.refused(target)
    : bench.ask('GET', target, transport === 'ServerSentEvents' ? stream : {});

async function started(transport: Exclude<TransportName, 'WebSockets'>): Promise<string> {
  const token = await bench.token();
  if (transport === 'ServerSentEvents') await bench.stream(token);
  else await bench.ask('GET', `/hub?id=${token}`);
  return token;
}

describe('the checks of a GET, in their order', () => {
  it.each(all)('look for the connection before they look at whether %s is on', async (transport) => {
    bench = await Bench.start({ transports: all.filter((name) => name !== transport) });
    const answered = await get(transport, '/hub?id=x');
    expect([answered.status, answered.body]).toEqual([404, unknown]);
  });

  it.each([
    ['WebSockets', 'LongPolling'],
    ['ServerSentEvents', 'LongPolling'],
    ['LongPolling', 'ServerSentEvents'],
  ] as const)('look at whether %s is on before they compare it with %s', async (transport, used) => {
    bench = await Bench.start({ transports: [used] });
    const answered = await get(transport, `/hub?id=${await started(used)}`);
    const body = `${transport} transport not supported by this end point type`;
    expect([answered.status, answered.body]).toEqual([404, body]);
    expect(bench.last.ended).toBe(false);
  });

  it('refuse a WebSocket without an id where WebSockets are off', async () => {
    bench = await Bench.start({ transports: ['LongPolling'] });
    expect((await bench.refused('/hub')).status).toBe(404);
  });

  it.each(all)('find nothing under an id that has expired, for %s', async (transport) => {
    const timers = new ManualTimers();
    bench = await Bench.start({ timers });
    const token = await bench.token();
    timers.advance(16_000);
    expect((await get(transport, `/hub?id=${token}`)).status).toBe(404);
  });
});

describe('requests that carry no id', () => {
  it.each([
    ['GET', {}],
    ['GET', stream],
    ['POST', {}],
    ['DELETE', {}],
  ] as const)('are refused with 400 when it is there and empty: %s %j', async (method, headers) => {
    bench = await Bench.start();
    const answered = await bench.ask(method, '/hub?id=&other=1', headers);
    expect([answered.status, answered.body]).toEqual([400, 'Connection ID required']);
  });
});

describe('a POST', () => {
  it.each(['ServerSentEvents', 'LongPolling'] as const)(
    'over %s that breaks off is answered 400; the next one is taken',
    async (transport) => {
      bench = await Bench.start();
      const token = await started(transport);
      const raw = await bench.raw(
        `POST /hub?id=${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`,
      );
      raw.socket.end();
      await until(() => raw.ended);
      expect(raw.text).toMatch(/^HTTP\/1\.1 400 /);
      const next = await bench.ask('POST', `/hub?id=${token}`, {}, 'whole');
      expect([next.status, next.body, bench.last.inbound]).toEqual([200, '', 'whole']);
    },
  );

  it('is answered 404 while a stream is being torn down, and afterwards', async () => {
    bench = await Bench.start();
    const token = await started('ServerSentEvents');
    const raw = await bench.raw(`POST /hub?id=${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n`);
    bench.last.connection.close();
    raw.socket.write('late');
    await until(() => raw.text.includes('\r\n\r\n'));
    expect(raw.text).toMatch(/^HTTP\/1\.1 404 /);
    await until(() => bench.last.ended);
    expect((await bench.ask('POST', `/hub?id=${token}`, {}, 'later')).body).toBe(unknown);
  });
});

describe('a refusal', () => {
  it.each([
    ['PUT', '/hub/negotiate', 405],
    ['HEAD', '/hub/negotiate', 405],
    ['PATCH', '/hub?id=x', 405],
  ] as const)('of %s %s is %i and has no words', async (method, target, status) => {
    bench = await Bench.start();
    const answered = await bench.ask(method, target);
    expect([answered.status, answered.body]).toEqual([status, '']);
  });
});
