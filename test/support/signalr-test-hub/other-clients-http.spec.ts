import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { end, jsonHandshake, OtherClients, userAgents } from './other-clients.js';

let clients: OtherClients;
beforeAll(async () => {
  clients = await OtherClients.start();
});
afterEach(() => clients.cut());
afterAll(async () => clients.server.close());

describe('negotiate, for clients of other languages,', () => {
  it.each([
    ['no body', { headers: { 'content-length': '0', 'x-requested-with': 'XMLHttpRequest' } }],
    ['an empty JSON body', { body: '{}', headers: { 'content-type': 'application/json; charset=utf-8' } }],
    ['a long text body', { body: 'x'.repeat(2_000_000), headers: { 'content-type': 'text/plain' } }],
  ])('does not care for %s, and holds no nulls', async (_title, init) => {
    const answer = await clients.negotiate(init);
    expect(JSON.stringify(answer)).not.toContain('null');
    expect(Object.keys(answer).toSorted()).toEqual([
      'availableTransports',
      'connectionId',
      'connectionToken',
      'negotiateVersion',
    ]);
  });

  it('takes a body in chunks, and the connection can be used again', async () => {
    const body = new ReadableStream({
      start: (chunks) => {
        for (let count = 0; count < 3; count += 1) chunks.enqueue(Buffer.from('chunk'));
        chunks.close();
      },
    });
    await clients.negotiate({ body, duplex: 'half' });
    await clients.negotiate();
  });

  it('serves version 0, where the id is all there is', async () => {
    const answer = await fetch(`${clients.server.httpUrl}/testhub/negotiate`, { method: 'POST' });
    const { connectionId, ...rest } = (await answer.json()) as { readonly connectionId: string };
    expect(rest).toEqual({ negotiateVersion: 0, availableTransports: expect.any(Array) });
    const socket = await clients.open(`?id=${connectionId}`);
    socket.send(
      `${jsonHandshake}{"type":1,"invocationId":"0","target":"GetCallerConnectionId","arguments":[]}${end}`,
    );
    expect(await socket.text('"result"')).toContain(`"result":"${connectionId}"`);
  });
});

/** A connection whose requests carry what the client of another language sends with them. */
const connection = async (headers: Record<string, string> = {}) => {
  const { connectionToken } = await clients.negotiate();
  const url = `${clients.server.httpUrl}/testhub?id=${String(connectionToken)}`;
  return {
    get: (more = '', accept = '*/*') => fetch(url + more, { headers: { ...headers, accept } }),
    delete: () => fetch(url, { method: 'DELETE', headers }),
    /** In chunks and without a content type, as .NET does it. */
    post: async (...chunks: (string | Buffer)[]) => {
      const body = ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk)));
      expect((await fetch(url, { method: 'POST', headers, body, duplex: 'half' })).status).toBe(200);
    },
  };
};

describe('long polling, as other clients do it,', () => {
  it('serves the Java client, with the time in every poll', async () => {
    const { get, post, delete: leave } = await connection({ 'user-agent': userAgents.Java });
    const poll = (): Promise<Response> => get(`&_=${Date.now()}`);
    expect(await (await poll()).text()).toBe('');
    await post(jsonHandshake);
    expect(await (await poll()).text()).toBe(`{}${end}`);
    const waiting = poll();
    await post(`{"type":1,"target":"InvokeWithString","arguments":["a"]}${end}`);
    expect(await (await waiting).text()).toBe(`{"type":1,"target":"Message","arguments":["a"]}${end}`);
    expect((await leave()).status).toBe(202);
    expect((await poll()).status).toBe(404);
  });

  it('serves the .NET client in MessagePack, which waits for the end of its poll when it leaves', async () => {
    const { get, post, delete: leave } = await connection({ 'user-agent': userAgents['.NET'] });
    expect((await get()).headers.get('content-length')).toBe('0');
    const echo = Buffer.from('0e960180a131a44563686f91a16190', 'hex');
    await post('{"protocol":"messagepack",', '"version":1}', end, echo.subarray(0, 5), echo.subarray(5));
    const polled: Buffer[] = [];
    while (Buffer.concat(polled).length < 12) polled.push(Buffer.from(await (await get()).arrayBuffer()));
    expect(Buffer.concat(polled).toString('hex')).toBe('7b7d1e08950380a13103a161');
    const waiting = get();
    expect((await leave()).status).toBe(202);
    expect([204, 404]).toContain((await waiting).status); // 404 when the poll is overtaken
  });

  it('answers the poll of a client that says Close with a Close, and then with its end', async () => {
    const { get, post } = await connection();
    await get();
    await post(jsonHandshake);
    expect(await (await get()).text()).toBe(`{}${end}`);
    await post(`{"type":7}${end}`);
    expect(await (await get()).text()).toBe(`{"type":7}${end}`);
    expect((await get()).status).toBe(204);
  });
});

describe('an event stream, as the .NET client reads it,', () => {
  it('has lines of data and comments, and nothing else', async () => {
    const { get, post } = await connection({ 'user-agent': userAgents['.NET'] });
    const stream = await get('', 'text/event-stream');
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await post(jsonHandshake, `{"type":6}${end}`);
    await post(`{"type":1,"invocationId":"1","target":"Echo","arguments":["line\\nline"]}${end}`);
    await post(`{"type":7}${end}`);
    const lines = (await stream.text()).split('\r\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith(':'))).toEqual([
      `data: {}${end}`,
      `data: {"type":3,"invocationId":"1","result":"line\\nline"}${end}`,
      `data: {"type":7}${end}`,
    ]);
  });
});
