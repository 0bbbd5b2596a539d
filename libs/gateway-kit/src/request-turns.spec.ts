import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as timeout } from 'node:timers/promises';
import { RequestTurns } from './request-turns.js';

/** Fewer than fit into what a socket is read at once. */
const MAX_WAITING = 2_200;

/** Holds the event loop up. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

describe('RequestTurns', () => {
  let server: Server;
  let handle: Handler;
  let begun: string[];
  const clients: Socket[] = [];

  beforeEach(async () => {
    const turns = new RequestTurns(MAX_WAITING);
    begun = [];
    handle = (_, response) => response.end('done');
    server = createServer((request, response) =>
      turns.run(request, response, () => {
        begun.push(request.url ?? '');
        handle(request, response);
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    server.close();
    server.closeAllConnections(); // a socket that is not read does not learn that its client is gone
    await once(server, 'close');
  });

  async function client(): Promise<{ socket: Socket; answers: () => number }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    clients.push(socket);
    let answers = 0;
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString('latin1')).split('HTTP/1.1 200');
      answers += parts.length - 1;
      rest = (parts.at(-1) ?? '').slice(-11);
    });
    await once(socket, 'connect');
    return { socket, answers: () => answers };
  }

  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

  it('begins the next request of a socket when the one before it is answered', async () => {
    const responses: ServerResponse[] = [];
    handle = (_, response) => responses.push(response);
    const { socket, answers } = await client();
    socket.write(get('/1') + get('/2') + get('/3'));
    await waitFor(() => begun.length > 0);
    expect(begun).toEqual(['/1']);
    responses[0]?.end('done');
    await waitFor(() => begun.length > 1);
    expect(begun).toEqual(['/1', '/2']);
    responses[1]?.end('done');
    await waitFor(() => begun.length > 2);
    responses[2]?.end('done');
    await waitFor(() => answers() === 3);
  });

  it('works on the requests of many sockets for 10 ms in a turn of the loop', async () => {
    let turn = 0;
    const perTurn = new Map<number, number>();
    const count = (): void => {
      turn += 1;
      if (begun.length < 12) setImmediate(count);
    };
    handle = (_, response) => {
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
      work(4);
      response.end('done');
    };
    let accepted = 0;
    server.on('connection', () => (accepted += 1));
    const all = await Promise.all(Array.from({ length: 12 }, client));
    await waitFor(() => accepted === 12);
    for (const { socket } of all) socket.write(get('/'));
    count();
    work(50); // so that all of them can be read in one turn
    await waitFor(() => all.every(({ answers }) => answers() === 1));
    expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(3);
  });

  it('answers all of 3,000 that come at once, and others in between', async () => {
    handle = (_, response) => response.end('x'.repeat(20_000));
    const flooding = await client();
    const witness = await client();
    flooding.socket.write(get('/flood').repeat(3_000));
    await waitFor(() => begun.length > 10);
    witness.socket.write(get('/witness'));
    await waitFor(() => witness.answers() === 1);
    expect(begun.length).toBeLessThan(2_000);
    await waitFor(() => flooding.answers() === 3_000, 'all answers', 20_000);
    flooding.socket.write(get('/after'));
    await waitFor(() => flooding.answers() === 3_001);
  });

  it('reads the body of a request that had to wait', async () => {
    const bodies: string[] = [];
    handle = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end(String(bodies.push(body))));
    };
    const { socket, answers } = await client();
    const long = 'y'.repeat(200_000);
    const post = (body: string): string =>
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    socket.write(post('a') + post(long) + post('b') + post(long));
    await waitFor(() => answers() === 4);
    expect(bodies).toEqual(['a', long, 'b', long]);
  });

  it('begins nothing for a socket that has closed', async () => {
    const responses: ServerResponse[] = [];
    handle = (_, response) => responses.push(response);
    const { socket } = await client();
    socket.write(get('/1') + get('/2'));
    await waitFor(() => begun.length > 0);
    const closed = once(responses[0] as ServerResponse, 'close');
    responses[0]?.destroy();
    await closed;
    const { socket: other, answers } = await client();
    handle = (_, response) => response.end();
    other.write(get('/other'));
    await waitFor(() => answers() === 1);
    expect(begun).toEqual(['/1', '/other']);
  });

  it('does not read a socket while requests of it wait', async () => {
    handle = () => undefined;
    const { socket } = await client();
    const path = `/${'x'.repeat(100)}`;
    const chunk = get(path).repeat(2_000);
    let [written, blocked] = [0, false];
    while (!blocked && written < 100_000_000) {
      written += chunk.length;
      const drained = socket.write(chunk) || (await Promise.race([once(socket, 'drain'), timeout(500)]));
      blocked = !drained;
    }
    expect(blocked).toBe(true);
    expect(socket.closed).toBe(false);
    expect(begun).toEqual([path]);
  });

  it('closes a socket that sends more than it may without waiting', async () => {
    handle = () => undefined;
    const atMost = await client();
    atMost.socket.write(get('/').repeat(1 + MAX_WAITING));
    await waitFor(() => begun.length === 1);
    const over = await client();
    over.socket.on('error', () => undefined);
    over.socket.write(get('/').repeat(2 + MAX_WAITING));
    await waitFor(() => over.socket.closed);
    expect(atMost.socket.closed).toBe(false);
  });
});
