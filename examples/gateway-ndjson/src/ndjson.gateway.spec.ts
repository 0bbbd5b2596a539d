import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import { Hub, type AccessPolicy } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import { ACCESS_POLICY, LOG, RingbackModule } from '@ringback/nest';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { NdjsonGateway } from './ndjson.gateway.js';
import { AT_ONCE, readLines } from './ndjson.lines.js';

const log = new RecordingLog();

/** By the token: one is good, one cannot be checked now, all others are wrong. */
const access: AccessPolicy = {
  authenticate: ({ token }) =>
    token === 'good'
      ? Promise.resolve({ name: 'client' })
      : Promise.reject(new HubError(token === 'later' ? 'relay-unavailable' : 'unauthorized')),
  allows: () => true,
};

@Module({
  imports: [
    RingbackModule.forRoot({
      shutdownDelayMs: 0,
      drainMs: 0,
      providers: [
        { provide: LOG, useValue: log },
        { provide: ACCESS_POLICY, useValue: access },
      ],
    }),
  ],
})
class NodeModule {}

describe('NdjsonGateway', () => {
  let app: INestApplicationContext;
  let gateway: NdjsonGateway;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    log.lines.length = 0;
    app = await NestFactory.createApplicationContext(NodeModule, { logger: false, abortOnError: false });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    gateway.stop();
    await app.close();
  });

  /** All that a client is told that sends these lines and waits. */
  async function linesAfter(...lines: readonly object[]): Promise<string> {
    gateway = new NdjsonGateway(app.get(Hub), 0);
    await gateway.start();
    const socket = connect(gateway.boundPort, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await once(socket, 'close');
    return text;
  }

  const connectWith = (...args: readonly unknown[]): object => ({ id: 1, method: 'Connect', args });

  it.each([
    ['no Connect', { id: 1, method: 'SubscribeToEvent', args: ['e', 'c'] }],
    ['without an object', connectWith(null)],
    ['with a token that is no string', connectWith({ token: 7 })],
    ['with a wrong subscriberId', connectWith({ token: 'good', subscriberId: 7 })],
  ])('refuses a first line that is %s as a mistake of the client', async (_, line) => {
    const behind = { id: 2, method: 'SubscribeToEvent', args: ['e', 'c'] };
    const text = await linesAfter(line, ...Array.from({ length: 200 }, () => behind));
    expect(text).toMatch(/^\{"id":1,"ok":false,"code":"bad-request".*\n\{"method":"HubClose".*\n$/);
    expect(log.at('error')).toEqual([]);
  });

  it('says whether a client that is refused may come back', async () => {
    expect(await linesAfter(connectWith({ token: 'wrong' }))).toContain('"name":"unauthorized"');
    gateway.stop();
    const later = await linesAfter(connectWith({ token: 'later' }));
    expect(later).toContain('"code":"relay-unavailable"');
    expect(later).toContain('"name":"session-acquire-failed"');
  });

  it('sends a client away that does not say in time who it is, although it sends', async () => {
    gateway = new NdjsonGateway(app.get(Hub), 0, 50);
    await gateway.start();
    const socket = connect(gateway.boundPort, '127.0.0.1');
    sockets.push(socket.resume());
    const typing = setInterval(() => socket.write('{'), 5);
    await once(socket, 'close');
    clearInterval(typing);
  });
});

describe('readLines', () => {
  /** Both ends of a link. */
  async function link(): Promise<{ near: Socket; far: Socket; close: () => void }> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [near] = (await once(server, 'connection')) as [Socket];
    const close = (): void => {
      for (const socket of [near, far]) socket.destroy();
      server.close();
    };
    return { near, far, close };
  }

  it('takes lines apart however they arrive', async () => {
    const { near, far, close } = await link();
    const lines: string[] = [];
    readLines(near, 10, AT_ONCE, (text) => lines.push(text));
    for (const piece of ['a', 'b\n\nc', '\nd', 'e\nf']) {
      far.write(piece);
      await waitFor(() => near.bytesRead === far.bytesWritten);
    }
    await waitFor(() => lines.length === 4);
    expect(lines).toEqual(['ab', '', 'c', 'de']);
    far.write('x'.repeat(10));
    await waitFor(() => near.destroyed);
    close();
  });
});
