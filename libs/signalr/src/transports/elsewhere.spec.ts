import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BenchCluster } from './testing/bench-cluster.js';
import { until, type Bench } from './testing/bench.js';

const unknown = 'No Connection with that ID';
const stream = { accept: 'text/event-stream' };

let cluster: BenchCluster;
let [owner, other]: Bench[] = [];
afterEach(async () => cluster.stop());

async function two(): Promise<{ readonly owner: Bench; readonly other: Bench; readonly token: string }> {
  cluster = await BenchCluster.start(2, () => ({ statefulReconnect: true }));
  [owner, other] = [cluster.node(0), cluster.node(1)];
  return { owner, other, token: await owner.token() };
}

describe('a WebSocket that lands on another node', () => {
  it('is accepted there, once', async () => {
    const { owner, other, token } = await two();
    const socket = await other.open(`/hub?id=${token}`);
    socket.send('x');
    await until(() => other.last.inbound === 'x');
    expect([owner.endpoint.connectionCount, other.endpoint.connectionCount]).toEqual([0, 1]);
    expect((await other.refused(`/hub?id=${token}`)).status).toBe(409);
    expect(await owner.refused(`/hub?id=${token}`)).toMatchObject({ status: 404, body: unknown });
    expect(await owner.ask('GET', `/hub?id=${token}`)).toMatchObject({ status: 404, body: unknown });
    expect(owner.endpoint.negotiatedCount).toBe(0);
  });

  it('has the id that its client was told', async () => {
    const { owner, other } = await two();
    for (const query of ['', 'negotiateVersion=1']) {
      const { connectionId = '', connectionToken = connectionId } = await owner.negotiate(query);
      await other.open(`/hub?id=${connectionToken}`);
      expect(other.last.connection.connectionId).toBe(connectionId);
    }
  });

  it('is one of those that come to both at once with the same token', async () => {
    const { owner, other, token } = await two();
    const sockets = [owner, other, owner, other].map((node) => node.socket(`/hub?id=${token}`));
    const opened = sockets.map(async (socket) => once(socket, 'open').then(Boolean, () => false));
    expect((await Promise.all(opened)).filter(Boolean)).toHaveLength(1);
    expect(cluster.connectionCount).toBe(1);
  });

  it('goes to its own node where it may come back', async () => {
    const { owner, other } = await two();
    const token = await owner.token('negotiateVersion=1&useStatefulReconnect=true');
    const first = await other.open(`/hub?id=${token}`);
    first.terminate();
    const next = await other.open(`/hub?id=${token}`);
    await until(() => owner.last.reattached === 1);
    next.send('x');
    await until(() => owner.last.inbound === 'x');
    expect([owner.endpoint.connectionCount, other.endpoint.connectionCount]).toEqual([1, 0]);
  });

  it('goes to its own node where there is no room', async () => {
    cluster = await BenchCluster.start(2, (node) => ({ statefulReconnect: true, maxConnections: 1 - node }));
    const [owner, other] = [cluster.node(0), cluster.node(1)];
    await other.open(`/hub?id=${await owner.token('negotiateVersion=1&useStatefulReconnect=true')}`);
    expect([owner.endpoint.connectionCount, other.endpoint.connectionCount]).toEqual([1, 0]);
    expect((await other.refused('/hub?id=x')).status).toBe(503);
  });

  it('goes to its own node where nobody can tell whether it has been used', async () => {
    const { owner, other, token } = await two();
    await other.token();
    cluster.shared.reachable = false;
    expect((await other.refused(`/hub?id=${token}`)).status).toBe(503);
    await owner.open(`/hub?id=${token}`);
    expect(cluster.faults.map(({ message }) => message)).toContain('no claims');
  });

  it.each([
    ['forged', (token: string) => `${token.slice(0, -43)}${randomBytes(32).toString('base64url')}`],
    ['of a node that nobody knows', (token: string) => token.replace('node-0', 'node-9')],
    ['of the node itself', (token: string) => token.replace('node-0', 'node-1')],
    ['no token', () => 'x'],
  ])('is refused with 404 if its token is %s', async (_what, forge) => {
    const { other, token } = await two();
    expect(await other.refused(`/hub?id=${forge(token)}`)).toMatchObject({ status: 404, body: unknown });
    expect(cluster.connectionCount).toBe(0);
  });
});

describe('a request that belongs to another node', () => {
  it('is forwarded with all its transports, streamed', async () => {
    const { owner, other, token } = await two();
    const events = await other.stream(token);
    owner.last.connection.send(['hello']);
    await until(() => events.text.includes('data: hello\r\n\r\n'));
    expect((await other.ask('POST', `/hub?id=${token}`, {}, 'from afar')).status).toBe(200);
    expect(owner.last.inbound).toBe('from afar');
    const polled = await owner.token();
    expect((await other.ask('GET', `/hub?id=${polled}`)).status).toBe(200);
    owner.last.connection.send(['polled']);
    expect(await other.ask('GET', `/hub?id=${polled}`)).toMatchObject({ status: 200, body: 'polled' });
    expect((await other.ask('DELETE', `/hub?id=${polled}`)).status).toBe(202);
    await until(() => owner.last.ended);
    expect(other.endpoint.connectionCount).toBe(0);
  });

  it("carries a large body, and its sender's address", async () => {
    const { owner, other, token } = await two();
    await other.ask('GET', `/hub?id=${token}`);
    expect(owner.last.connection.opening.headers['x-forwarded-for']).toMatch(/127\.0\.0\.1$/);
    const body = 'x'.repeat(1_000_000);
    expect((await other.ask('POST', `/hub?id=${token}`, {}, body)).status).toBe(200);
    expect(owner.last.inbound).toBe(body);
  });

  it('ends at its node when the client goes', async () => {
    const { owner, other, token } = await two();
    (await other.stream(token)).socket.destroy();
    await until(() => owner.last.ended);
  });

  it.each([
    ['GET', stream],
    ['GET', {}],
    ['POST', {}],
    ['DELETE', {}],
  ])('is answered as its node would: %s %j', async (method, headers) => {
    const { owner, other, token } = await two();
    await owner.open(`/hub?id=${token}`);
    const [here, there] = [
      await owner.ask(method, `/hub?id=${token}`, headers),
      await other.ask(method, `/hub?id=${token}`, headers),
    ];
    expect([there.status, there.body]).toEqual([here.status, here.body]);
    expect(here.status).toBeGreaterThanOrEqual(400);
  });

  it.each(['GET', 'POST', 'DELETE'])('is answered 404 if nobody knows its node: %s', async (method) => {
    const { other, token } = await two();
    const lost = token.replace('node-0', 'node-9');
    expect(await other.ask(method, `/hub?id=${lost}`)).toMatchObject({ status: 404, body: unknown });
  });

  it('is not forwarded twice', async () => {
    const { owner, other, token } = await two();
    cluster.addresses.set('node-9', `http://127.0.0.1:${owner.port}`);
    const lost = token.replace('node-0', 'node-9');
    expect(await other.ask('GET', `/hub?id=${lost}`)).toMatchObject({ status: 404, body: unknown });
    cluster.addresses.set('node-9', `http://127.0.0.1:${other.port}`);
    expect(await other.refused(`/hub?id=${lost}`)).toMatchObject({ status: 404, body: unknown });
  });

  it('is answered 503 where its node cannot be looked up or reached, and 502 where that breaks off', async () => {
    const { owner, other, token } = await two();
    const returning = await owner.token('negotiateVersion=1&useStatefulReconnect=true');
    const ask = async () => [
      (await other.ask('POST', `/hub?id=${token}`, {}, 'x')).status,
      (await other.refused(`/hub?id=${returning}`)).status,
    ];
    cluster.shared.reachable = false;
    expect(await ask()).toEqual([503, 503]);
    cluster.shared.reachable = true;
    const rude = createServer((link: Socket) => link.destroy()).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    cluster.addresses.set('node-0', `http://127.0.0.1:${(rude.address() as AddressInfo).port}`);
    expect(await ask()).toEqual([502, 502]);
    await new Promise((resolve) => rude.close(resolve));
    expect(await ask()).toEqual([503, 503]);
    expect(cluster.faults.length).toBeGreaterThanOrEqual(6);
  });

  it('leaves nothing behind when forwarding is closed', async () => {
    const { owner, other } = await two();
    const token = await owner.token('negotiateVersion=1&useStatefulReconnect=true');
    const socket = await other.open(`/hub?id=${token}`);
    const closed = once(socket, 'close');
    await cluster.stop();
    await closed;
    expect(cluster.connectionCount).toBe(0);
    cluster = await BenchCluster.start(0);
  });
});
