import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS, HubError, parseEventGuid } from '@ringback/contract';
import { Hub, type HubPorts } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { GatewayTestServer } from './testing/gateway-test-server.js';

const lost = (): Promise<never> => Promise.reject(new HubError('relay-unavailable'));

/** A node whose gateway nobody forwards requests to. */
class Node {
  readonly metrics = new CountingMetrics();
  readonly log = new RecordingLog();
  readonly hub: Hub;
  private served: GatewayTestServer | undefined;

  constructor(nodeId: string, cluster: MemoryCluster, ports: Partial<HubPorts> = {}) {
    const { metrics, log } = this;
    const outside = { access: new OpenAccess(), clock: new SystemClock(), metrics, log };
    const options = { nodeId, address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    this.hub = new Hub({ ...cluster.node(), ...outside, ...ports }, { ...options, limits: DEFAULT_LIMITS });
  }

  async start(): Promise<void> {
    await this.hub.start();
    this.served = await GatewayTestServer.start(this.hub);
  }

  async stop(): Promise<void> {
    await this.served?.close();
    await this.hub.drain();
  }

  get url(): string {
    return this.served?.url ?? '';
  }

  negotiate(query = 'negotiateVersion=1'): Promise<Response> {
    return fetch(`${this.url}/hub/negotiate?${query}`, { method: 'POST' });
  }

  async token(): Promise<string> {
    return ((await (await this.negotiate()).json()) as { connectionToken: string }).connectionToken;
  }

  /** The status that a WebSocket is answered with. */
  async open(token: string): Promise<number | undefined> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/hub?id=${token}`);
    const refused = once(socket, 'unexpected-response');
    const opened = once(socket, 'open').then(() => 101);
    const answered = refused.then(([, answer]) => (answer as IncomingMessage).statusCode);
    return Promise.race([opened, answered]);
  }
}

describe('the tokens of the SignalR gateway', () => {
  const nodes: Node[] = [];
  let cluster: MemoryCluster;

  beforeEach(() => {
    cluster = new MemoryCluster();
  });

  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });

  async function start(nodeId: string, ports: Partial<HubPorts> = {}): Promise<Node> {
    const node = new Node(nodeId, cluster, ports);
    nodes.push(node);
    await node.start();
    return node;
  }

  it('open one WebSocket, on either node', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const [first, second] = [await a.token(), await a.token()];
    expect([await b.open(first), await a.open(first)]).toEqual([101, 404]);
    expect([await a.open(second), await b.open(second)]).toEqual([101, 404]);
  });

  it('are shown to nobody where the client takes its connection id for the token', async () => {
    const a = await start('a');
    const { connectionId } = (await (await a.negotiate('')).json()) as { connectionId: string };
    const socket = new WebSocket(`${a.url.replace('http', 'ws')}/hub?id=${connectionId}`);
    await once(socket, 'open');
    const call = '{"type":1,"invocationId":"1","target":"SubscribeToEvent","arguments":["guid","c",null]}';
    socket.send(`{"protocol":"json","version":1}\x1e${call}\x1e`);
    await waitFor(() => a.hub.figures().subscriptions === 1, 'the subscription');
    const guid = parseEventGuid('guid');
    const { items } = await a.hub.operator.subscriptions({ name: 'x' }, guid, { limit: 1 });
    const [, id] = connectionId.split('.');
    expect(items.map(({ subscriber }) => subscriber)).toEqual([`c:${id}`]);
    await a.hub.operator.disconnect({ name: 'x' }, id ?? '');
    await once(socket, 'close');
    expect(a.hub.figures()).toMatchObject({ connections: 0, subscriptions: 0 });
  });

  it('are refused by a node of another cluster', async () => {
    const a = await start('a');
    cluster = new MemoryCluster();
    const b = await start('b');
    expect(await b.open(await a.token())).toBe(404);
  });

  it('are good on their own node while claims are out of reach, and on no other', async () => {
    const claims = { claim: lost, release: lost };
    const [a, b] = [await start('a', { claims }), await start('b', { claims })];
    expect(await b.open(await a.token())).toBe(503);
    expect(await a.open(await a.token())).toBe(101);
    for (const { metrics, log } of [a, b]) {
      expect(metrics.count('failed', 'relay-unavailable')).toBe(1);
      expect(log.at('error')).toEqual([]);
    }
  });

  it('are not to be had where the key of the cluster was never read', async () => {
    const a = await start('a', { clusterKey: { read: lost } });
    expect((await a.negotiate()).status).toBe(503);
    expect(a.metrics.count('failed', 'relay-unavailable')).toBe(1);
    expect(a.log.at('error')).toEqual([]);
  });
});
