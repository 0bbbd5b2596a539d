import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { once } from 'node:events';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

type Bridge = Readonly<Record<string, unknown>>;

/** A cluster of one node, with a client that keeps what it gets. */
class Cluster {
  readonly log = new RecordingLog();
  readonly received: { readonly data: string; readonly meta: Record<string, unknown> }[] = [];
  private node: HubNode | undefined;
  private client: HubConnection | undefined;

  private constructor(private readonly port: number) {}

  static async plan(): Promise<Cluster> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    return new Cluster(port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(bridges: readonly Bridge[], env: Record<string, string> = {}): Promise<void> {
    const config = readConfig({
      PORT: String(this.port),
      RINGBACK_DRAIN_MS: '0',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      RINGBACK_BRIDGES: JSON.stringify(bridges),
      ...env,
    });
    this.node = await HubNode.start(config, this.log);
  }

  async subscribe(...eventguids: string[]): Promise<void> {
    const client = await this.connect();
    client.on('ReceiveEventWithMeta', (_eventguid, _cookie, data: string, meta: Record<string, unknown>) =>
      this.received.push({ data, meta }),
    );
    for (const eventguid of eventguids) await client.invoke('SubscribeToEvent', eventguid, 'cookie', null);
  }

  async unsubscribe(eventguid: string): Promise<void> {
    await this.client?.invoke('UnsubscribeFromEvent', eventguid);
  }

  async trigger(
    eventguid: string,
    data: unknown,
    options: object | null = null,
  ): Promise<{ position: string }> {
    return (await this.connect()).invoke('TriggerEvent', eventguid, data, options);
  }

  get data(): string[] {
    return this.received.map(({ data }) => data);
  }

  bridgesConnected(): number {
    return this.log.lines.filter(({ message }) => message === 'bridge connected').length;
  }

  /** Samples of a metric, by the labels that they begin with. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(name));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** Ends the clients; nodes that bridge to one another are all told before any is waited for. */
  async stopClient(): Promise<void> {
    await this.client?.stop();
  }

  async stop(): Promise<void> {
    await this.node?.stop(Promise.resolve());
  }

  private async connect(): Promise<HubConnection> {
    if (this.client) return this.client;
    this.client = new HubConnectionBuilder()
      .withUrl(`${this.url}/hub`, { accessTokenFactory: () => 'client-token' })
      .configureLogging(LogLevel.None)
      .build();
    await this.client.start();
    return this.client;
  }
}

describe('bridges between Ringbacks', () => {
  const clusters: Cluster[] = [];

  const plan = async (count: number): Promise<Cluster[]> => {
    for (let index = 0; index < count; index++) clusters.push(await Cluster.plan());
    return clusters;
  };
  const to = (cluster: Cluster | undefined, carried: Bridge): Bridge => ({
    name: 'peer',
    kind: 'ringback',
    url: cluster?.url,
    ...carried,
  });
  const bridged = (cluster: Cluster, count = 1): Promise<unknown> =>
    waitFor(() => cluster.bridgesConnected() >= count, 'the bridge', 8_000);

  afterEach(async () => {
    await Promise.all(clusters.map((cluster) => cluster.stopClient()));
    await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  });

  it('carry data, labels and one-shots, and say where they come from', async () => {
    const [here, there] = (await plan(2)) as [Cluster, Cluster];
    await there.start([]);
    await here.start([to(there, { subscribe: ['e'] })]);
    await bridged(here);
    await here.subscribe('e');
    const first = await there.trigger('e', 'text', { type: 't', id: 'i', source: 's', contentType: 'c' });
    await there.trigger('e', { a: 1 }, { removeAfterSend: true });
    await waitFor(() => here.received.length === 2, 'deliveries');
    expect(here.data).toEqual(['text', '{"a":1}']);
    const [one, two] = here.received;
    expect(one?.meta).toMatchObject({ type: 't', id: 'i', source: 's', contentType: 'c' });
    expect(one?.meta['origin']).toMatch(new RegExp(`^[0-9a-f]{18}/${first.position}$`));
    expect(two?.meta).toMatchObject({ ended: true });
    await here.subscribe('e');
    await there.trigger('e', 'after the one-shot');
    await waitFor(() => here.data.includes('after the one-shot'), 'what follows');
  });

  it.each([2, 3])('in a ring of %i deliver each event once in each cluster', async (count) => {
    const ring = await plan(count);
    for (const [index, cluster] of ring.entries()) {
      await cluster.start([to(ring[(index + 1) % count], { subscribe: ['e'] })]);
    }
    for (const cluster of ring) {
      await bridged(cluster);
      await cluster.subscribe('e');
    }
    const data = ring.flatMap((_, index) => [`${index} a`, `${index} b`]);
    for (const [index, cluster] of ring.entries()) {
      await cluster.trigger('e', `${index} a`);
      await cluster.trigger('e', `${index} b`);
    }
    for (const cluster of ring) {
      await waitFor(() => cluster.received.length >= data.length, 'deliveries');
      await waitFor(async () => (await cluster.metric('ringback_bridge_loops_total')) === 2, 'loops cut');
      expect(cluster.data.toSorted()).toEqual(data);
    }
  });

  it('both ways at both ends deliver once, by whichever way it comes first', async () => {
    const both = (await plan(2)) as [Cluster, Cluster];
    const carried = { subscribe: ['e'], trigger: ['e'] };
    await both[0].start([to(both[1], carried)]);
    await both[1].start([to(both[0], carried)]);
    for (const cluster of both) {
      await bridged(cluster);
      await cluster.subscribe('e');
    }
    const data = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(2, '0'));
    for (const [index, text] of data.entries()) await both[index % 2]?.trigger('e', text);
    for (const cluster of both) {
      await waitFor(() => cluster.received.length >= data.length, 'deliveries');
      // Each event comes in on its second way as well before the next assertion can fail for want of it.
      await waitFor(
        async () =>
          (await cluster.metric('ringback_bridge_messages_total{bridge="peer",direction="in"')) >= 10,
        'all ways',
      );
      expect(cluster.data.toSorted()).toEqual(data);
    }
  });

  it('follow local interest, and do not keep each other interested', async () => {
    const both = (await plan(2)) as [Cluster, Cluster];
    await both[0].start([to(both[1], { subscribeOnDemand: ['order-*'] })]);
    await both[1].start([to(both[0], { subscribeOnDemand: ['order-*'] })]);
    for (const cluster of both) await bridged(cluster);
    const [here, there] = both;
    await here.subscribe('order-1');
    const subscribersThere = async (): Promise<number> => {
      const answer = await fetch(`${there.url}/v1/events/order-1`);
      return answer.ok ? ((await answer.json()) as { subscribers: number }).subscribers : 0;
    };
    await waitFor(async () => (await subscribersThere()) === 1, 'the subscription there');
    await there.trigger('order-1', 'x');
    await waitFor(() => here.received.length === 1, 'the delivery');
    await here.unsubscribe('order-1');
    await waitFor(async () => (await subscribersThere()) === 0, 'the end there', 8_000);
  }, 20_000);

  it('use tokens at the remote hub, and rights of their own at theirs', async () => {
    const [here, there] = (await plan(2)) as [Cluster, Cluster];
    const access = {
      RINGBACK_ACCESS_TOKENS: 'client:client-token:subscribe+trigger,peer:peer-token:subscribe+trigger',
    };
    await there.start([], access);
    await here.start([to(there, { token: 'peer-token', subscribe: ['in'], trigger: ['out'] })], access);
    await bridged(here);
    await here.subscribe('in');
    await there.subscribe('out');
    await there.trigger('in', 'inward');
    await here.trigger('out', 'outward');
    await waitFor(() => here.received.length === 1 && there.received.length === 1, 'both');
    expect([here.data, there.data]).toEqual([['inward'], ['outward']]);
    const logged = inspect([here.log.lines, there.log.lines], { depth: 10 });
    expect(logged).not.toMatch(/peer-token|inward|outward/);
  });

  it('refuse to lead to their own cluster', async () => {
    const [here] = (await plan(1)) as [Cluster];
    await here.start([to(here, { subscribe: ['e'] })]);
    await waitFor(
      () =>
        here.log.lines.some(({ fields }) =>
          String(fields['error']).includes('the cluster that it starts from'),
        ),
      'the refusal',
    );
    expect(here.bridgesConnected()).toBe(0);
  });
});
