import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { end, jsonHandshake, OtherClients, userAgents } from './other-clients.js';
import type { RawSocket } from './raw-socket.js';

let clients: OtherClients;
beforeAll(async () => {
  clients = await OtherClients.start();
});
afterEach(() => clients.cut());
afterAll(async () => clients.server.close());

const openJson = async (): Promise<RawSocket> => {
  const socket = await clients.open();
  socket.send(jsonHandshake);
  await socket.text(`{}${end}`);
  return socket;
};

describe('JSON as other clients write it', () => {
  it.each(Object.entries(userAgents))('is taken from the %s client', async (_name, agent) => {
    const { connectionToken } = await clients.negotiate({ headers: { 'user-agent': agent } });
    const socket = await clients.open(`?id=${String(connectionToken)}`, { 'user-agent': agent });
    socket.send(jsonHandshake);
    await socket.text(`{}${end}`);
    socket.send(
      `{"type":6}${end}{"type":1,"invocationId":"1","target":"GetHeader","arguments":["User-Agent"]}${end}`,
    );
    expect(await socket.text('"type":3')).toBe(
      `{}${end}{"type":3,"invocationId":"1","result":"${agent}"}${end}`,
    );
  });

  it.each([
    ['a minor version', `{"protocol":"json","version":1,"minorVersion":0}${end}`],
    ['spaces and line breaks', ` {\r\n "version" : 1 ,\t"protocol" : "json" }${end}`],
    ['version 2', `{"protocol":"json","version":2}${end}`],
  ])('may have %s in the handshake', async (_title, handshake) => {
    const socket = await clients.open();
    socket.send(handshake);
    expect(await socket.text(end)).toBe(`{}${end}`);
  });

  it('may come in any pieces and any kind of frame', async () => {
    const socket = await clients.open();
    const bytes = Buffer.from(
      `${jsonHandshake}{"type":1,"invocationId":"1","target":"Echo","arguments":["é世"]}${end}`,
    );
    for (const byte of bytes) socket.send(Buffer.of(byte));
    expect(await socket.text('"result"')).toBe(`{}${end}{"type":3,"invocationId":"1","result":"é世"}${end}`);
    expect(socket.frames.every(({ isBinary }) => !isBinary)).toBe(true);
  });

  it.each([
    [
      'headers',
      '{"type":1,"headers":{"traceparent":"00-1-2-01"},"invocationId":"7","target":"Echo","arguments":["a"]}',
    ],
    [
      'an empty list of streams',
      '{"type":1,"invocationId":"7","target":"Echo","arguments":["a"],"streamIds":[]}',
    ],
    ['the type last', '{"target":"echo","arguments":["a"],"invocationId":"7","type":1}'],
    ['escapes', '{"type":1,"invocationId":"\\u0037","target":"\\u0045cho","arguments":["\\u0061"]}'],
    [
      'unknown properties',
      '{"type":1,"invocationId":"7","target":"ECHO","arguments":["a"],"allowReconnect":false,"x":{}}',
    ],
  ])('may have %s', async (_title, message) => {
    const socket = await openJson();
    socket.send(message + end);
    expect(await socket.text('"type":3')).toContain(`{"type":3,"invocationId":"7","result":"a"}${end}`);
  });

  it('may name its calls as it likes', async () => {
    const socket = await openJson();
    for (const id of ['2f1c1d1e-0000-4000-8000-000000000000', 's1', 'ä "quoted"'])
      socket.send(`${JSON.stringify({ type: 1, invocationId: id, target: 'Echo', arguments: [id] })}${end}`);
    const text = await socket.text('quoted\\""}');
    expect(
      text
        .split(end)
        .slice(1, -1)
        .map((message) => JSON.parse(message) as unknown),
    ).toEqual([
      {
        type: 3,
        invocationId: '2f1c1d1e-0000-4000-8000-000000000000',
        result: '2f1c1d1e-0000-4000-8000-000000000000',
      },
      { type: 3, invocationId: 's1', result: 's1' },
      { type: 3, invocationId: 'ä "quoted"', result: 'ä "quoted"' },
    ]);
  });

  it('holds streams both ways, as .NET and Java write them', async () => {
    const socket = await openJson();
    const item = (text: string): string => `{"type":2,"invocationId":"2","item":"${text}"}${end}`;
    socket.send(
      `{"type":1,"invocationId":"1","target":"StreamingConcat","arguments":[],"streamIds":["2"]}${end}` +
        `${item('a')}${item('b')}{"type":3,"invocationId":"2"}${end}`,
    );
    await socket.text('{"type":3,"invocationId":"1","result":"ab"}');
    socket.send(`{"type":4,"invocationId":"3","target":"Stream","arguments":[],"streamIds":[]}${end}`);
    expect(await socket.text('{"type":3,"invocationId":"3"}')).toContain(
      '{"type":2,"invocationId":"3","item":"c"}',
    );
    socket.send(`{"type":4,"invocationId":"4","target":"InfiniteStream","arguments":[]}${end}`);
    socket.send(`{"type":5,"headers":{},"invocationId":"4"}${end}`);
    const text = await socket.text('{"type":3,"invocationId":"4"}');
    expect(text + (await socket.text('"StreamCanceled"'))).toContain(
      '"target":"StreamCanceled","arguments":[]',
    );
  });

  it.each([
    ['a result', '"result":10', '10'],
    ['no result', '"result":null', 'null'],
    ['an error', '"error":"Java said no"', 'Java said no'],
  ])('answers a question with %s', async (_title, outcome, told) => {
    const socket = await openJson();
    socket.send(`{"type":1,"invocationId":"1","target":"GetCallerConnectionId","arguments":[]}${end}`);
    const id = /"result":"([^"]+)"/.exec(await socket.text('"result"'))![1];
    const asked = fetch(`${clients.server.httpUrl}/clientresult/${id}`);
    await socket.text(`{"type":1,"invocationId":"s1","target":"Result","arguments":[]}${end}`);
    socket.send(`{"type":3,"invocationId":"s1",${outcome}}${end}`);
    expect(await (await asked).text()).toBe(told);
  });

  it('ends with a Close in either direction', async () => {
    const socket = await openJson();
    socket.send(`{"type":7,"error":null}${end}`.replace(',"error":null', ''));
    expect(await socket.text('"type":7')).toBe(`{}${end}{"type":7}${end}`);
    expect(await socket.end()).toEqual([1000, '']);
  });

  it('ends with the close frame of the Java client', async () => {
    const socket = await openJson();
    socket.close(1000, 'HubConnection stopped.');
    expect((await socket.end())[0]).toBe(1000);
  });
});
