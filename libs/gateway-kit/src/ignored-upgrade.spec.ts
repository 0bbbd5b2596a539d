import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OriginPolicy } from '@ringback/http-kit';
import { HubError } from '@ringback/contract';
import { HttpRouter } from './http-router.js';
import { ignoreUpgrades } from './ignored-upgrade.js';
import { NodeForwarder } from './node-forwarder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

// Node asks the server since version 24; a server that always agrees stands for those before.
describe.each([
  ['as this version of Node does it', (): undefined => undefined],
  [
    'as versions do that do not ask',
    (server: Server) => Object.assign(server, { shouldUpgradeCallback: () => true }),
  ],
])('offers of another upgrade than to WebSocket, %s', (_, change) => {
  let server: Server;
  let agent: Agent;

  beforeEach(async () => {
    server = createServer((incoming, answer) => {
      answer.setHeader('x-path', incoming.url ?? '');
      incoming.pipe(answer);
    });
    const reportError = (error: unknown): HubError => HubError.from(error);
    const addressOf = (): Promise<undefined> => Promise.resolve(undefined);
    const forwarder = new NodeForwarder({ nodeId: 'a', addressOf, log: silent, reportError });
    new HttpRouter({ nodeId: 'a', origins: new OriginPolicy(), forwarder, reportError }).attach(server);
    change(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });

  afterEach(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  /** As Java's HttpClient and `curl --http2` ask by default. */
  async function offer(path: string, body: string): Promise<{ path: unknown; body: string; link: unknown }> {
    const { port } = server.address() as AddressInfo;
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
    const asked = request({ port, host: '127.0.0.1', path, method: 'POST', headers, agent });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    return { path: answer.headers['x-path'], body: text, link: asked.socket };
  }

  it('are ignored, and the request beside them is answered', async () => {
    expect(await offer('/v1/x?y=1', 'body')).toMatchObject({ path: '/v1/x?y=1', body: 'body' });
    const long = 'x'.repeat(500_000);
    expect((await offer('/socket', long)).body).toBe(long);
  });

  it('leave nothing behind on the link', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    const links = new Set<unknown>();
    for (let round = 0; round < 30; round++) links.add((await offer('/x', 'body')).link);
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    expect([links.size, warnings]).toEqual([1, []]);
  });
});

describe('ignoreUpgrades', () => {
  it('answers Node, where it asks, that only WebSocket is taken up', () => {
    const server = createServer();
    const asking = Object.assign(server, { shouldUpgradeCallback: (_request: IncomingMessage) => true });
    ignoreUpgrades(asking);
    const isTaken = (upgrade: string): boolean =>
      asking.shouldUpgradeCallback({ headers: { upgrade } } as IncomingMessage);
    expect([isTaken('WebSocket'), isTaken('h2c')]).toEqual([true, false]);
  });
});
