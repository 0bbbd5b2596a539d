import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { WebSocket as NodeWebSocket } from 'ws';
import { TestHubServer } from './test-hub-server.js';

let server: TestHubServer;
const sockets: NodeWebSocket[] = [];
beforeAll(async () => {
  server = await TestHubServer.start();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => server.close());

const message = 'Hello, 世界!';

const negotiate = async (headers: Record<string, string> = {}): Promise<string> => {
  const url = `${server.httpUrl}/echo/negotiate?negotiateVersion=1`;
  const answer = await fetch(url, { method: 'POST', headers });
  return ((await answer.json()) as { readonly connectionToken: string }).connectionToken;
};

const echoUrl = (token: string): string => `${server.httpUrl}/echo?id=${token}`;

const post = async (token: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
  expect((await fetch(echoUrl(token), { method: 'POST', body })).status).toBe(200);
};

const open = async (url: string): Promise<NodeWebSocket> => {
  const socket = new NodeWebSocket(url.replace(/^http/, 'ws'));
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
};

const answered = async (socket: NodeWebSocket, data: string | Buffer): Promise<[Buffer, boolean]> => {
  const answer = once(socket, 'message') as Promise<[Buffer, boolean]>;
  socket.send(data);
  return answer;
};

describe('/echo', () => {
  it.each(['with a negotiation', 'without one'])('sends back what comes over WebSockets, %s', async (how) => {
    const socket = await open(how === 'without one' ? `${server.httpUrl}/echo` : echoUrl(await negotiate()));
    const [text, isBinary] = await answered(socket, message);
    expect([text.toString(), isBinary]).toEqual([message, false]);
  });

  it('sends back over WebSockets what is no text, as binary', async () => {
    const bytes = Buffer.of(0, 1, 0xff, 0xfe);
    const [data, isBinary] = await answered(await open(`${server.httpUrl}/echo`), bytes);
    expect([data.equals(bytes), isBinary]).toEqual([true, true]);
  });

  it("closes cleanly with a browser's WebSocket that leaves without a code", async () => {
    const socket = new WebSocket(`${server.httpUrl.replace(/^http/, 'ws')}/echo`);
    const seen: unknown[] = [];
    socket.addEventListener('open', () => socket.send(message));
    socket.addEventListener('message', ({ data }) => {
      seen.push(data);
      socket.close();
    });
    socket.addEventListener('close', ({ code, wasClean }) => seen.push({ code, wasClean }));
    await waitFor(() => seen.length === 2, 'message and end');
    expect(seen).toEqual([message, { code: 1000, wasClean: true }]);
  });

  it('sends back over an event stream what comes in posts', async () => {
    const token = await negotiate();
    const stream = await fetch(echoUrl(token), { headers: { accept: 'text/event-stream' } });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const read = async (end: string): Promise<void> => {
      while (!text.endsWith(end)) text += (await reader.read()).value ?? '';
    };
    await read(':\r\n');
    await post(token, message);
    await read('\r\n\r\n');
    await post(token, 'two\nlines');
    await read('lines\r\n\r\n');
    expect(text).toBe(`:\r\ndata: ${message}\r\n\r\ndata: two\r\ndata: lines\r\n\r\n`);
    await reader.cancel();
  });

  it('sends back to polls what comes in posts, byte for byte, and ends with them', async () => {
    const token = await negotiate();
    expect(await (await fetch(echoUrl(token))).text()).toBe('');
    await post(token, message);
    expect(await (await fetch(echoUrl(token))).text()).toBe(message);
    await post(token, Uint8Array.of(0, 0xff));
    expect(new Uint8Array(await (await fetch(echoUrl(token))).arrayBuffer())).toEqual(Uint8Array.of(0, 0xff));
    const waiting = fetch(echoUrl(token));
    expect((await fetch(echoUrl(token), { method: 'DELETE' })).status).toBe(202);
    expect([204, 404]).toContain((await waiting).status); // 404 when the poll is overtaken
  });

  it('ends a page that sends no HTTP cookies back, so that it can tell', async () => {
    const origin = 'https://page.example';
    const token = await negotiate({ origin });
    expect((await fetch(echoUrl(token), { headers: { origin } })).status).toBe(200);
    expect((await fetch(echoUrl(token), { headers: { origin } })).status).toBe(204);
  });
});
