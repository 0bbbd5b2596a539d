import { afterEach, describe, expect, it } from '@jest/globals';
import { Bench } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench;
afterEach(async () => bench.stop());

const everyTransport = [
  { transport: 'WebSockets', transferFormats: ['Text', 'Binary'] },
  { transport: 'ServerSentEvents', transferFormats: ['Text'] },
  { transport: 'LongPolling', transferFormats: ['Text', 'Binary'] },
];
const unsupported = (version: string) =>
  `The client requested version '${version}', but the server does not support this version.`;
const notAnInteger = 'The client requested a non-integer protocol version.';

describe('negotiate', () => {
  it('answers version 1 with an id, a secret token and all transports in order of preference', async () => {
    bench = await Bench.start();
    const { status, body, headers } = await bench.ask('POST', '/hub/negotiate?negotiateVersion=1');
    const answered = JSON.parse(body) as Record<string, string>;
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(answered).toEqual({
      negotiateVersion: 1,
      connectionId: expect.stringMatching(/^[\w-]{22}$/),
      connectionToken: expect.stringMatching(/^[\w-]{22}$/),
      availableTransports: everyTransport,
    });
    expect(answered['connectionToken']).not.toBe(answered['connectionId']);
  });

  it('answers version 0 without a token, and takes the id in its place', async () => {
    bench = await Bench.start();
    const answered = await bench.negotiate('');
    expect(answered).toEqual({
      negotiateVersion: 0,
      connectionId: expect.any(String),
      availableTransports: everyTransport,
    });
    expect((await bench.ask('GET', `/hub?id=${answered['connectionId']}`)).status).toBe(200);
    expect(bench.last.connection.connectionId).toBe(answered['connectionId']);
  });

  it('does not take the public id for the token in version 1', async () => {
    bench = await Bench.start();
    const { connectionId } = await bench.negotiate();
    expect((await bench.ask('GET', `/hub?id=${connectionId}`)).status).toBe(404);
  });

  it.each([
    ['', 0, { negotiateVersion: 0 }],
    ['negotiateVersion=0', 0, { negotiateVersion: 0 }],
    ['negotiateVersion=1', 0, { negotiateVersion: 1 }],
    ['NEGOTIATEVERSION=1', 1, { negotiateVersion: 1 }],
    ['negotiateVersion=7', 0, { negotiateVersion: 1 }],
    ['', 1, { error: unsupported('0') }],
    ['negotiateVersion=0', 1, { error: unsupported('0') }],
    ['negotiateVersion=-1', 0, { error: unsupported('-1') }],
    ['negotiateVersion=', 0, { error: notAnInteger }],
    ['negotiateVersion=1.5', 0, { error: notAnInteger }],
    ['negotiateVersion=99999999999', 0, { error: notAnInteger }],
    ['negotiateVersion=x', 0, { error: notAnInteger }],
  ] as const)('chooses for %j with minimum %i', async (query, minimumNegotiateVersion, expected) => {
    bench = await Bench.start({ minimumNegotiateVersion });
    const { status, body } = await bench.ask('POST', `/hub/negotiate?${query}`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject(expected);
    expect(bench.endpoint.negotiatedCount).toBe('error' in expected ? 0 : 1);
  });

  it.each([
    ['granted when both want it', true, 'useStatefulReconnect=true', true],
    ['granted however it is spelt', true, 'usestatefulreconnect=True', true],
    ['left out when not asked for', true, '', undefined],
    ['left out when not offered', false, 'useStatefulReconnect=true', undefined],
  ])('has stateful reconnect %s', async (_title, statefulReconnect, query, expected) => {
    bench = await Bench.start({ statefulReconnect });
    const answered: Record<string, unknown> = await bench.negotiate(`negotiateVersion=1&${query}`);
    expect(answered['useStatefulReconnect']).toBe(expected);
    expect(JSON.stringify(answered)).not.toContain('null');
  });

  it('sends a client elsewhere', async () => {
    bench = await Bench.start({
      redirect: async () => ({ url: 'https://other.example/hub', accessToken: 't' }),
    });
    const answered: unknown = await bench.negotiate();
    expect(answered).toEqual({ url: 'https://other.example/hub', accessToken: 't' });
    expect(bench.endpoint.negotiatedCount).toBe(0);
  });

  it.each(['/HUB/negotiate', '/hub/Negotiate', '/hub/negotiate/', '/Alias/negotiate?x=%zz'])(
    'is found at %s',
    async (path) => {
      bench = await Bench.start({ path: ['/hub', '/alias/'] });
      expect((await bench.ask('POST', path)).status).toBe(200);
    },
  );

  it('forgets a record that no transport picks up within 15 seconds', async () => {
    const timers = new ManualTimers();
    bench = await Bench.start({ timers });
    const token = await bench.token();
    timers.advance(10_000);
    const younger = await bench.token();
    timers.advance(6_000);
    expect(bench.endpoint.negotiatedCount).toBe(1);
    expect((await bench.ask('GET', `/hub?id=${token}`)).status).toBe(404);
    expect((await bench.ask('GET', `/hub?id=${younger}`)).status).toBe(200);
  });

  it('keeps what was negotiated within its bound, the newest first', async () => {
    bench = await Bench.start({ maxNegotiated: 3 });
    const tokens: string[] = [];
    for (let count = 0; count < 5; count++) tokens.push(await bench.token());
    expect(bench.endpoint.negotiatedCount).toBe(3);
    expect((await bench.ask('GET', `/hub?id=${tokens[1]}`)).status).toBe(404);
    expect((await bench.ask('GET', `/hub?id=${tokens[2]}`)).status).toBe(200);
  });

  it('leaves the headers that the host has set', async () => {
    bench = new Bench();
    bench.server.on('request', (request, response) => {
      response.setHeader('Set-Cookie', ['a=b', 'c=d']);
      bench.endpoint.handle(request, response);
    });
    await new Promise<void>((resolve) => bench.server.listen(0, '127.0.0.1', resolve));
    expect((await bench.ask('POST', '/hub/negotiate')).headers['set-cookie']).toEqual(['a=b', 'c=d']);
  });
});
