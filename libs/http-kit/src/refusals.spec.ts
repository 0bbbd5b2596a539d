import { HubError } from '@ringback/contract';
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import {
  createServer,
  get,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { refuseRequest, refuseUpgrade, type RefusalOptions } from './refusals.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function serve(onRequest: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => onRequest(response));
  return `http://127.0.0.1:${await listen(server)}/`;
}

async function refused(error: HubError, options?: RefusalOptions): Promise<IncomingMessage> {
  const url = await serve((response) => refuseRequest(response, error, options));
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  return response;
}

describe('refuseRequest', () => {
  it('answers with a problem, which has a message for clients of Socket.IO too', async () => {
    const response = await refused(new HubError('draining', 'Soon.'));
    expect(response.statusCode).toBe(503);
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '1',
    });
    expect(JSON.parse(await text(response))).toEqual({
      type: '/docs/errors#draining',
      title: 'Draining',
      status: 503,
      detail: 'Soon.',
      code: 'draining',
      message: 'Soon.',
    });
  });

  it('says nothing of a fault of its own', async () => {
    expect(await text(await refused(new HubError('internal', 'secret')))).not.toContain('secret');
  });

  it('takes another status than that of the code', async () => {
    const response = await refused(new HubError('node-unavailable'), { status: 502 });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([502, '2']);
    expect(JSON.parse(await text(response))).toMatchObject({ status: 502, code: 'node-unavailable' });
  });

  it('names the scheme to unknown identities, and the methods of the path', async () => {
    const unknown = await refused(new HubError('unauthorized'));
    expect(unknown.headers['www-authenticate']).toBe('Bearer realm="ringback"');
    const wrong = await refused(new HubError('method-not-allowed'), { allow: ['GET', 'POST'] });
    expect(wrong.headers.allow).toBe('GET, POST');
  });

  it('closes the connection if an answer is under way already', async () => {
    const url = await serve((response) => {
      response.write('half', () => refuseRequest(response, new HubError('internal')));
    });
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    await expect(text(response)).rejects.toThrow('aborted');
  });
});

describe('refuseUpgrade', () => {
  it('answers on the bare socket and closes it', async () => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => refuseUpgrade(socket, new HubError('not-found')));
    const port = await listen(server);
    const sent = request({
      host: '127.0.0.1',
      port,
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    expect([response.statusCode, response.statusMessage]).toEqual([404, 'Not Found']);
    expect(response.headers).toMatchObject({
      'content-type': 'application/problem+json',
      connection: 'close',
    });
    expect(JSON.parse(await text(response))).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('survives a socket that has ended or breaks', async () => {
    const ended = new PassThrough().end();
    refuseUpgrade(ended, new HubError('not-found'));
    expect(ended.destroyed).toBe(true);
    const broken = new PassThrough();
    refuseUpgrade(broken, new HubError('not-found'));
    broken.destroy(new Error('reset'));
    await new Promise((closed) => broken.once('close', closed));
  });
});
