import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AccessDenied, type EndpointOptions, type TransportName } from './index.js';
import { Bench, until } from './testing/bench.js';

let bench: Bench;
afterEach(async () => bench.stop());

const stream = { accept: 'text/event-stream' };
type Start = 'nothing' | TransportName;

async function begun(start: Start, options: Partial<EndpointOptions> = {}): Promise<string> {
  bench = await Bench.start(options);
  const token = await bench.token();
  if (start === 'WebSockets') await bench.open(`/hub?id=${token}`);
  if (start === 'ServerSentEvents') await bench.stream(token);
  if (start === 'LongPolling') await bench.ask('GET', `/hub?id=${token}`);
  return token;
}

const unknown = 'No Connection with that ID';
const changed = 'Cannot change transports mid-connection';
const cannotEnd = 'Cannot terminate this connection using the DELETE endpoint.';
const noPost = 'POST requests are not allowed for WebSocket connections.';

describe('status codes', () => {
  it.each([
    ['PUT', '/hub?id=x', {}, 405, ''],
    ['HEAD', '/hub?id=x', {}, 405, ''],
    ['OPTIONS', '/hub', {}, 405, ''],
    ['GET', '/hub/negotiate', {}, 405, ''],
    ['DELETE', '/hub/negotiate', {}, 405, ''],
    ['GET', '/hub', stream, 400, 'Connection ID required'],
    ['GET', '/hub', {}, 400, 'Connection ID required'],
    ['GET', '/hub?id=', {}, 400, 'Connection ID required'],
    ['POST', '/hub', {}, 400, 'Connection ID required'],
    ['DELETE', '/hub', {}, 400, 'Connection ID required'],
    ['GET', '/hub?id=x', stream, 404, unknown],
    ['GET', '/hub?id=x', {}, 404, unknown],
    ['POST', '/hub?id=x', {}, 404, unknown],
    ['DELETE', '/hub?id=x', {}, 404, unknown],
    ['GET', '/elsewhere', {}, 404, ''],
  ] as const)('answers %s %s %j with %i %j', async (method, target, headers, status, body) => {
    bench = await Bench.start();
    const answered = await bench.ask(method, target, headers);
    expect([answered.status, answered.body]).toEqual([status, body]);
    if (body) expect(answered.headers['content-type']).toBe('text/plain');
    expect(bench.faults).toEqual([]);
  });

  it.each([
    ['nothing', 'DELETE', {}, 400, cannotEnd],
    ['WebSockets', 'GET', {}, 400, changed],
    ['WebSockets', 'GET', stream, 400, changed],
    ['WebSockets', 'POST', {}, 405, noPost],
    ['WebSockets', 'DELETE', {}, 400, cannotEnd],
    ['ServerSentEvents', 'GET', stream, 409, ''],
    ['ServerSentEvents', 'GET', {}, 400, changed],
    ['ServerSentEvents', 'POST', {}, 200, ''],
    ['ServerSentEvents', 'DELETE', {}, 400, cannotEnd],
    ['LongPolling', 'GET', stream, 400, changed],
    ['LongPolling', 'POST', {}, 200, ''],
    ['LongPolling', 'DELETE', {}, 202, ''],
  ] as const)(
    'on a connection with %s answers %s %j with %i %j',
    async (start, method, headers, status, body) => {
      const token = await begun(start);
      const answered = await bench.ask(method, `/hub?id=${token}`, headers);
      expect([answered.status, answered.body]).toEqual([status, body]);
      if (start !== 'nothing' && method !== 'DELETE') expect(bench.last.ended).toBe(false);
    },
  );

  it.each([
    ['nothing', '/hub?id=x', 404, unknown],
    ['WebSockets', '', 409, ''],
    ['ServerSentEvents', '', 400, changed],
    ['LongPolling', '', 400, changed],
  ] as const)(
    'on a connection with %s refuses a WebSocket %j with %i',
    async (start, target, status, body) => {
      const token = await begun(start);
      const answered = await bench.refused(target || `/hub?id=${token}`);
      expect([answered.status, answered.body]).toEqual([status, body]);
      expect(bench.seen.some(({ ended }) => ended)).toBe(false);
    },
  );

  it.each([
    ['WebSockets', ['ServerSentEvents', 'LongPolling']],
    ['ServerSentEvents', ['WebSockets', 'LongPolling']],
    ['LongPolling', ['WebSockets', 'ServerSentEvents']],
  ] as const)('answers 404 where %s is switched off', async (name, transports) => {
    const token = await begun('nothing', { transports });
    const target = `/hub?id=${token}`;
    const headers = name === 'ServerSentEvents' ? stream : {};
    const answered = await (name === 'WebSockets'
      ? bench.refused(target)
      : bench.ask('GET', target, headers));
    expect([answered.status, answered.body]).toEqual([
      404,
      `${name} transport not supported by this end point type`,
    ]);
  });

  it('takes neither a late POST nor a late DELETE once a connection is over', async () => {
    const token = await begun('LongPolling');
    await bench.ask('DELETE', `/hub?id=${token}`);
    for (const method of ['POST', 'DELETE', 'GET']) {
      const answered = await bench.ask(method, `/hub?id=${token}`);
      expect([answered.status, answered.body]).toEqual([404, unknown]);
    }
  });

  it('answers 404 without words to a POST while the connection is being torn down', async () => {
    const token = await begun('LongPolling');
    bench.last.connection.close();
    const answered = await bench.ask('POST', `/hub?id=${token}`, {}, 'late');
    expect([answered.status, answered.body]).toEqual([404, '']);
  });

  it('takes nothing of a body that breaks off, and leaves the connection alone', async () => {
    const token = await begun('LongPolling');
    const raw = await bench.raw(`POST /hub?id=${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`);
    raw.socket.end();
    await until(() => raw.ended);
    expect(raw.text).toMatch(/^HTTP\/1\.1 400 /);
    expect((await bench.ask('POST', `/hub?id=${token}`, {}, 'whole')).status).toBe(200);
    expect(bench.last.inbound).toBe('whole');
  });

  it.each([401, 403] as const)('answers %i on every request when the policy says so', async (status) => {
    const authenticate = async (): Promise<unknown> => {
      throw new AccessDenied(status);
    };
    bench = await Bench.start({ authenticate });
    const answers = [
      await bench.ask('POST', '/hub/negotiate'),
      await bench.ask('GET', '/hub?id=x'),
      await bench.ask('GET', '/hub?id=x', stream),
      await bench.ask('POST', '/hub?id=x'),
      await bench.ask('DELETE', '/hub?id=x'),
      await bench.refused('/hub?id=x'),
      await bench.refused('/hub'),
    ];
    expect(answers.map((answered) => answered.status)).toEqual(Array(7).fill(status));
    expect(bench.faults).toEqual([]);
  });

  it.each(['ServerSentEvents', 'LongPolling'] as const)(
    'answers 500 when %s cannot be started',
    async (name) => {
      const accept = (): void => {
        throw new Error('no');
      };
      const token = await begun('nothing', { accept });
      const headers = name === 'ServerSentEvents' ? stream : {};
      expect((await bench.ask('GET', `/hub?id=${token}`, headers)).status).toBe(500);
      expect(bench.faults).toHaveLength(1);
      expect(bench.endpoint.connectionCount).toBe(0);
    },
  );

  it('closes a WebSocket with 1011 when it cannot be started', async () => {
    const accept = (): void => {
      throw new Error('no');
    };
    await begun('nothing', { accept });
    const [code] = (await once(bench.socket('/hub'), 'close')) as [number];
    expect(code).toBe(1011);
  });

  it.each([
    ['POST', {}, 405],
    ['GET', { upgrade: 'h2c' }, 400],
    ['GET', { 'sec-websocket-key': 'short' }, 400],
  ])('refuses an upgrade by %s with %j', async (method, headers, status) => {
    bench = await Bench.start();
    const all = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', ...headers };
    expect((await bench.ask(method, '/hub', all)).status).toBe(status);
    expect(bench.endpoint.connectionCount).toBe(0);
  });

  it('refuses an upgrade of negotiate', async () => {
    bench = await Bench.start();
    expect((await bench.refused('/hub/negotiate')).status).toBe(405);
  });

  it('survives an upgrade that overtakes an unanswered request on the same socket', async () => {
    bench = await Bench.start({ authenticate: async () => new Promise((resolve) => setImmediate(resolve)) });
    const raw = await bench.raw(
      'POST /hub/negotiate HTTP/1.1\r\nHost: x\r\n\r\nGET /hub?id=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await until(() => raw.ended);
    expect((await bench.ask('POST', '/hub/negotiate')).status).toBe(200);
  });
});
