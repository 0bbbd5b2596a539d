import { DEFAULT_LIMITS, parseEventGuid, type Data, type Limits } from '@ringback/contract';
import {
  Hub,
  type AccessPolicy,
  type Credentials,
  type Identity,
  type SessionSummary,
  type StoredSubscription,
} from '@ringback/core';
import { CountingMetrics, MemoryCluster, SilentLog, SystemClock } from '@ringback/memory';
import { randomUUID } from 'node:crypto';
import type { ClientIdentity, GatewayClient, GatewayHarness, GatewayServer } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** Who shows no token. */
const ANYBODY = 'conformance';

const IDENTITY: Identity = { name: ANYBODY };

/** Everybody may do everything, under the name that the token says. */
class NamesAsTokens implements AccessPolicy {
  authenticate({ token = ANYBODY }: Credentials): Promise<Identity> {
    const [name = '', subscriberId] = token.split('/');
    return Promise.resolve({ name, ...(subscriberId !== undefined && { subscriberId }) });
  }

  allows(): boolean {
    return true;
  }
}

/** One node that serves the protocol under test. */
interface GatewayNode {
  readonly hub: Hub;
  readonly server: GatewayServer;
}

/** Two nodes that serve one protocol over one cluster in memory. */
export class GatewayCluster {
  static readonly limits: Limits = { ...DEFAULT_LIMITS, subscriptionsPerConnection: 30 };

  private readonly clients: GatewayClient[] = [];
  private readonly store;
  private readonly sessions;

  private constructor(
    cluster: MemoryCluster,
    private readonly nodes: readonly [GatewayNode, GatewayNode],
  ) {
    const { subscriptions, sessions } = cluster.node();
    this.store = subscriptions;
    this.sessions = sessions;
  }

  static async start(
    harness: GatewayHarness,
    makeAccess: () => AccessPolicy = () => new NamesAsTokens(),
  ): Promise<GatewayCluster> {
    const cluster = new MemoryCluster();
    const first = await startNode(cluster, harness, makeAccess());
    return new GatewayCluster(cluster, [first, await startNode(cluster, harness, makeAccess())]);
  }

  /** A client that is connected to the first or the second node. */
  async connect(node: 0 | 1 = 0, identity: ClientIdentity = {}): Promise<GatewayClient> {
    const client = await this.nodes[node].server.connect(identity);
    this.clients.push(client);
    return client;
  }

  hub(node: 0 | 1): Hub {
    return this.nodes[node].hub;
  }

  /** Triggers at the hub itself, past the protocol. */
  async trigger(eventguid: string, data: Data): Promise<void> {
    await this.hub(1).trigger(IDENTITY, {
      eventguid: parseEventGuid(eventguid),
      data,
      removeAfterSend: false,
    });
  }

  /** Every stored subscription of the event. */
  async stored(eventguid: string): Promise<readonly StoredSubscription[]> {
    const { items } = await this.store.subscriptions(parseEventGuid(eventguid), { limit: 1_000 });
    return items;
  }

  async untilStored(eventguid: string, count: number): Promise<void> {
    const condition = async () => (await this.stored(eventguid)).length === count;
    await waitFor(condition, `${count} stored subscriptions of ${JSON.stringify(eventguid)}`);
  }

  /** The session of a named subscriber; `undefined` if there is none. */
  async session(subscriberId: string, name = ANYBODY): Promise<SessionSummary | undefined> {
    return this.sessions.find(`n:${name}/${subscriberId}`);
  }

  /** Until no connection holds the session: it is away, or has ended. */
  async untilAway(subscriberId: string, name = ANYBODY): Promise<void> {
    const away = async () => (await this.session(subscriberId, name))?.holder === undefined;
    await waitFor(away, `the session of ${subscriberId} to be away`);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    for (const { hub, server } of this.nodes) {
      await server.close();
      await hub.drain();
    }
  }
}

async function startNode(
  cluster: MemoryCluster,
  harness: GatewayHarness,
  access: AccessPolicy,
): Promise<GatewayNode> {
  const nodeId = `node-${randomUUID().slice(0, 8)}`;
  const hub = new Hub(
    {
      ...cluster.node(),
      access,
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    },
    {
      nodeId,
      address: 'http://127.0.0.1:0',
      version: '0.0.0',
      limits: GatewayCluster.limits,
      leaseMs: 30_000,
    },
  );
  await hub.start();
  return { hub, server: await harness.serve(hub) };
}
