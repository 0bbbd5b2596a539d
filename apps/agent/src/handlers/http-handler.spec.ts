import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeTicket } from '../testing/ticket-samples.js';
import { FinalError } from '../tickets/final-error.js';
import type { Ticket } from '../tickets/ticket.js';
import type { HttpHandlerConfig } from './handler-config.js';
import { httpHandler } from './http-handler.js';

const ticket: Ticket = { ...makeTicket({ id: 't1', data: 'ä' }), state: 'active', attempts: 0 };

describe('a handler that calls a URL', () => {
  let servers: Server[];

  beforeEach(() => {
    servers = [];
  });

  afterEach(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  });

  async function serve(
    answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  ): Promise<string> {
    const server = createServer((request, response) => void answer(request, response));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function call(url: string, config: Partial<HttpHandlerConfig> = {}, signal = AbortSignal.timeout(5_000)) {
    const handler = httpHandler({
      kind: 'http',
      url,
      method: 'POST',
      headers: {},
      timeoutMs: 5_000,
      ...config,
    });
    return handler(ticket, signal);
  }

  const failureOf = (work: Promise<void>): Promise<unknown> =>
    work.then(
      () => 'none',
      (error: unknown) => error,
    );

  it('sends the ticket as JSON with headers of its own and a signature over timestamp and body', async () => {
    let seen: { headers: IncomingMessage['headers']; body: string } | undefined;
    const url = await serve(async (request, response) => {
      seen = { headers: request.headers, body: await text(request) };
      response.end('thanks');
    });
    await call(url, { headers: { authorization: 'Bearer x' }, secret: 's3cret' });
    const { headers, body } = seen!;
    expect(JSON.parse(body)).toMatchObject({
      id: 't1',
      ViewModel: 'Alarm',
      RootId: '7',
      data: 'ä',
      Error: null,
    });
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'ringback-ticket': 't1' });
    const signed = createHmac('sha256', 's3cret').update(`${String(headers['ringback-timestamp'])}.${body}`);
    expect(headers['ringback-signature']).toBe(`v1=${signed.digest('hex')}`);
  });

  it('is verified by the example of the documentation, and nothing else is', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/agent.md'), 'utf8');
    const [, code = ''] = /```js\n([^`]*?isGenuine[\s\S]*?)```/.exec(page) ?? [];
    const directory = await mkdtemp(join(tmpdir(), 'agent-example-'));
    await writeFile(join(directory, 'example.mjs'), code);
    const example = (await import(join(directory, 'example.mjs'))) as {
      isGenuine(headers: object, body: string, secret: string): boolean;
    };
    await rm(directory, { recursive: true });
    const answers: boolean[] = [];
    const url = await serve(async ({ headers }, response) => {
      const body = await text(response.req);
      const late = { ...headers, 'ringback-timestamp': '1700000000' };
      answers.push(
        example.isGenuine(headers, body, 's3cret'),
        example.isGenuine(headers, body, 'other'),
        example.isGenuine(headers, `${body} `, 's3cret'),
        example.isGenuine(late, body, 's3cret'),
        example.isGenuine({}, body, 's3cret'),
      );
      response.end();
    });
    await call(url, { secret: 's3cret' });
    expect(answers).toEqual([true, false, false, false, false]);
  });

  it('sends no body with GET, and signs that', async () => {
    let seen: IncomingMessage | undefined;
    const url = await serve((request, response) => {
      seen = request;
      response.end();
    });
    await call(`${url}/{RootId}`, { method: 'GET', secret: 's' });
    expect(seen?.url).toBe('/7');
    const signed = createHmac('sha256', 's').update(`${String(seen?.headers['ringback-timestamp'])}.`);
    expect(seen?.headers['ringback-signature']).toBe(`v1=${signed.digest('hex')}`);
  });

  it.each([
    [400, true],
    [401, true],
    [404, true],
    [410, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
    [304, false],
  ])('takes %i for a failure, and knows whether another attempt is of use', async (status, isFinal) => {
    const url = await serve((_request, response) => response.writeHead(status).end('secret words'));
    const failure = await failureOf(call(url));
    expect(failure).toMatchObject({ message: `${url} answered ${status}.` });
    expect(failure instanceof FinalError).toBe(isFinal);
  });

  it('may try again when the time is over', async () => {
    const url = await serve(() => undefined);
    const late = await failureOf(call(url, {}, AbortSignal.timeout(20)));
    expect(late).toMatchObject({ name: 'TimeoutError' });
  });

  it('may try again when nobody listens', async () => {
    const closed = await serve(() => undefined);
    const [server] = servers.splice(0);
    server?.close();
    expect(await failureOf(call(closed))).toMatchObject({
      message: `${closed} cannot be reached: ECONNREFUSED`,
    });
  });

  it('follows a redirect within the origin, with body and signature', async () => {
    const paths: string[] = [];
    const url = await serve(async (request, response) => {
      paths.push(`${request.url} ${(await text(request)).length > 2}`);
      response.writeHead(request.url === '/a' ? 307 : 200, { location: '/b' }).end();
    });
    await call(`${url}/a`);
    expect(paths).toEqual(['/a true', '/b true']);
  });

  it.each([302, 303])('follows no %i that would lose the body', async (status) => {
    const url = await serve((_request, response) => response.writeHead(status, { location: '/b' }).end());
    expect(await failureOf(call(url))).toBeInstanceOf(FinalError);
  });

  it('follows no redirect to another origin', async () => {
    let isCalled = false;
    const elsewhere = await serve((_request, response) => {
      isCalled = true;
      response.end();
    });
    const url = await serve((_request, response) => response.writeHead(307, { location: elsewhere }).end());
    expect(await failureOf(call(url))).toBeInstanceOf(FinalError);
    expect(isCalled).toBe(false);
  });

  it('gives up redirects that lead nowhere', async () => {
    const url = await serve((_request, response) => response.writeHead(308, { location: '/' }).end());
    expect(await failureOf(call(url))).toMatchObject({ message: `${url} redirects more than 5 times.` });
  });
});
