import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import { OriginPolicy } from '@ringback/http-kit';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { HttpRouter } from './http-router.js';
import { NodeForwarder } from './node-forwarder.js';
import type { ProtocolMount } from './protocol-mount.js';

const FAULT = new HubError('forbidden');

function fail(): never {
  throw FAULT;
}

/** A turn later. */
async function reject(): Promise<void> {
  await Promise.resolve();
  fail();
}

const FAULTS: readonly [string, Partial<ProtocolMount>][] = [
  ['match throws', { match: fail }],
  ['nodeFor throws', { nodeFor: fail }],
  ['the protocol throws', { handle: fail, upgrade: fail }],
  ['the protocol rejects with', { handle: reject, upgrade: reject }],
];

describe('HttpRouter', () => {
  const rejections: unknown[] = [];
  const onRejection = (error: unknown): number => rejections.push(error);
  const servers: Server[] = [];
  let router: HttpRouter;

  afterEach(() => {
    process.off('unhandledRejection', onRejection);
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  async function serve(mount: Partial<ProtocolMount>): Promise<string> {
    process.on('unhandledRejection', onRejection);
    const server = createServer();
    servers.push(server);
    router = routerWith(mount);
    router.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  for (const [what, mount] of FAULTS) {
    it(`answers what ${what} with its code, on requests and upgrades`, async () => {
      const host = await serve(mount);
      const answer = await fetch(`http://${host}/`);
      expect([answer.status, await answer.json()]).toEqual([
        403,
        expect.objectContaining({ code: 'forbidden' }),
      ]);
      const [, refusal] = await once(new WebSocket(`ws://${host}/`), 'unexpected-response');
      expect((refusal as IncomingMessage).statusCode).toBe(403);
      expect(rejections).toEqual([]);
    });
  }

  it('closes a socket that asks for an upgrade before its last request is answered', async () => {
    const handled: ServerResponse[] = [];
    const upgraded: unknown[] = [];
    const handle: ProtocolMount['handle'] = (_, response) => void handled.push(response);
    const upgrade: ProtocolMount['upgrade'] = ({ request }) => void upgraded.push(request.url);
    const [hostname, port] = (await serve({ handle, upgrade })).split(':');
    const socket = connect(Number(port), hostname);
    socket.write('GET /poll HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => handled.length === 1);
    socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await once(socket, 'close');
    expect(upgraded).toEqual([]);
  });

  it('lets a socket whose last request is answered ask for an upgrade', async () => {
    const handle: ProtocolMount['handle'] = (_, response) => void response.end('polled');
    const upgrade: ProtocolMount['upgrade'] = (_, upgraded) => void upgraded.end('upgraded');
    const [hostname, port] = (await serve({ handle, upgrade })).split(':');
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    socket.write('GET /poll HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitFor(() => heard.endsWith('polled'));
    socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    await once(socket, 'close');
    expect(heard).toMatch(/polledupgraded$/);
  });

  it("leaves an upgrade that is no protocol's to a listener that came later", async () => {
    const host = await serve({ match: () => false });
    const sockets = new WebSocketServer({ noServer: true });
    servers[0]?.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, () => {}),
    );
    const client = new WebSocket(`ws://${host}/`);
    await once(client, 'open');
    expect(router.otherConnections).toBe(1);
    client.terminate();
    await waitFor(() => router.otherConnections === 0);
  });
});

function routerWith(mount: Partial<ProtocolMount>): HttpRouter {
  const reportError = (error: unknown): HubError => HubError.from(error);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const forwarder = new NodeForwarder({
    nodeId: 'n',
    addressOf: () => Promise.resolve(undefined),
    log,
    reportError,
  });
  const router = new HttpRouter({ nodeId: 'n', origins: new OriginPolicy(), forwarder, reportError });
  router.mount({
    name: 'p',
    precedence: 'exact',
    maxSilenceMs: 1,
    opensClient: () => false,
    match: () => true,
    handle: (_, response) => void response.end(),
    upgrade: (_, socket) => void socket.destroy(),
    ...mount,
  });
  return router;
}
