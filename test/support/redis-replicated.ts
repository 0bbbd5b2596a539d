import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formCluster } from './redis-cluster-forming.js';
import { freePort, RedisProcess } from './redis-process.js';
import { waitUntil } from './wait-until.js';

const MASTERS = 3;
const ARGUMENTS = [
  ['--cluster-enabled', 'yes'],
  ['--cluster-node-timeout', '2000'],
  // A replica takes over however long it had no link to its master.
  ['--cluster-replica-validity-factor', '0'],
  ['--repl-diskless-sync-delay', '0'],
].flat();

/** One server of the cluster, and a connection over which the test commands it. */
export class ReplicatedServer {
  isRunning = true;

  private constructor(
    private readonly process: RedisProcess,
    readonly admin: Redis,
  ) {}

  static async start(directory: string): Promise<ReplicatedServer> {
    const process = new RedisProcess(directory, await freePort(), ARGUMENTS);
    await process.start();
    const admin = new Redis(process.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    admin.on('error', () => {}); // while it is killed there is nothing to tell
    return new ReplicatedServer(process, admin);
  }

  get port(): number {
    return this.process.port;
  }

  get url(): string {
    return this.process.url;
  }

  kill(): Promise<void> {
    this.isRunning = false;
    return this.process.kill();
  }

  /** Starts it again if it was killed. */
  async restart(): Promise<void> {
    if (!this.isRunning) await this.process.start();
    this.isRunning = true;
  }

  async close(): Promise<void> {
    this.admin.disconnect();
    await this.process.kill();
  }

  /** Whether it is a replica of the other that has all that the other has. */
  async replicates(master: ReplicatedServer): Promise<boolean> {
    const [mine, its] = await Promise.all([this.replication(), master.replication()]);
    const link = ['role:slave', 'master_link_status:up', `master_port:${master.port}`];
    const offset = /master_repl_offset:\d+/.exec(its)?.[0] ?? '';
    return link.every((line) => mine.includes(line)) && mine.includes(offset);
  }

  /** Lets no replica follow any more: what it accepts from here on is known to it alone. */
  async cutReplicas(): Promise<void> {
    await this.admin.acl('SETUSER', 'default', '-psync', '-sync');
    await this.admin.client('KILL', 'TYPE', 'REPLICA');
    await waitUntil(
      async () => (await this.replication()).includes('connected_slaves:0'),
      'replicas cut off',
    );
  }

  /** Lets replicas follow again. */
  async admitReplicas(): Promise<void> {
    await this.admin.acl('SETUSER', 'default', '+psync', '+sync');
  }

  private replication(): Promise<string> {
    return this.admin.info('replication');
  }
}

/** A Redis Cluster of three masters with a replica each, as processes of the PATH's redis-server. */
export class ReplicatedCluster {
  private constructor(
    private readonly directory: string,
    private readonly servers: readonly ReplicatedServer[],
  ) {}

  static async start(): Promise<ReplicatedCluster> {
    const directory = await mkdtemp(join(tmpdir(), `redis-${randomUUID()}-`));
    const servers: ReplicatedServer[] = [];
    const cluster = new ReplicatedCluster(directory, servers);
    try {
      for (let index = 0; index < 2 * MASTERS; index++) {
        servers.push(await ReplicatedServer.start(join(directory, String(index))));
      }
      await formCluster(
        servers.map(({ port }) => port),
        1,
      );
      await cluster.heal();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** As `REDIS_URL` takes it. */
  get url(): string {
    return this.servers.map(({ url }) => url).join(',');
  }

  /** Names of events, so many on each master, as the slots are served now. */
  async eventsOfEachMaster(count: number): Promise<readonly string[]> {
    const byMaster = new Map<number, string[]>();
    for (let index = 0; ; index++) {
      const eventguid = `event-${randomUUID().slice(0, 8)}-${index}`;
      const { port } = await this.masterOf(eventguid);
      const known = byMaster.get(port) ?? [];
      if (known.length < count) byMaster.set(port, [...known, eventguid]);
      const all = [...byMaster.values()];
      if (all.length === MASTERS && all.every(({ length }) => length === count)) return all.flat();
    }
  }

  /** The server that serves the events of that name. */
  async masterOf(eventguid: string): Promise<ReplicatedServer> {
    const asked = this.servers.find(({ isRunning }) => isRunning);
    if (!asked) throw new Error('a cluster without servers');
    const slot = await asked.admin.cluster('KEYSLOT', eventguid);
    const ranges = await asked.admin.cluster('SLOTS');
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    return this.at(range?.[2]?.[1]);
  }

  async replicaOf(master: ReplicatedServer): Promise<ReplicatedServer> {
    for (const server of this.servers) {
      if (server !== master && (await server.replicates(master))) return server;
    }
    throw new Error(`${master.url} has no replica`);
  }

  /** Has the replica take over without asking anybody, the master least of all; resolves once the old one follows it. */
  async takeOver(replica: ReplicatedServer, master: ReplicatedServer): Promise<void> {
    await replica.admin.cluster('FAILOVER', 'TAKEOVER');
    await this.follows(master, replica);
  }

  /** Waits until one server is an up-to-date replica of the other. */
  async follows(replica: ReplicatedServer, master: ReplicatedServer): Promise<void> {
    await waitUntil(() => replica.replicates(master), `${replica.url} a replica of ${master.url}`);
  }

  /** Waits until the server serves slots as a master. */
  async serves(server: ReplicatedServer): Promise<void> {
    await waitUntil(async () => {
      const info = await server.admin.cluster('INFO');
      return info.includes('cluster_state:ok') && (await server.admin.role())[0] === 'master';
    }, `${server.url} a master`);
  }

  /** Starts again what was killed, and waits until every master has a replica with all that it has. */
  async heal(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.restart()));
    await Promise.all(this.servers.map((server) => server.admitReplicas()));
    for (const server of this.servers)
      await waitUntil(() => this.isServed(server), `${server.url} in its place`);
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Whether it is a master that a replica follows, or a replica that follows a master. */
  private async isServed(server: ReplicatedServer): Promise<boolean> {
    for (const other of this.servers) {
      if (other === server) continue;
      if ((await server.replicates(other)) || (await other.replicates(server))) return true;
    }
    return false;
  }

  private at(port: unknown): ReplicatedServer {
    const server = this.servers.find((one) => one.port === Number(port));
    if (!server) throw new Error(`no server at port ${String(port)}`);
    return server;
  }
}
