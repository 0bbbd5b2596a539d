import { HubError } from '@ringback/contract';
import type { HistoryOptions, LeaseId, LeaseStore, NodeLease, Page, PageRequest } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { EntrySweep } from './entry-sweep.js';
import { metaTtlMs, SESSION_TTL_MS } from './history-limits.js';
import { parseLease } from './lease-text.js';
import { LeaseSweep } from './lease-sweep.js';
import { command } from './redis-connection.js';
import { leaseName } from './redis-keys.js';
import { parseScanCursor } from './scan-cursor.js';
import { SessionDeparture } from './session-departure.js';
import { SessionIndex } from './session-index.js';

export interface RedisLeaseStoreOptions {
  /** The same as the relay's: it decides how long an event is remembered. */
  readonly history?: HistoryOptions;
  /** How long a lease lasts without being renewed. Default 15 s. */
  readonly leaseMs?: number;
  /** How long the sessions of a dead node's named subscribers are kept. Default 24 h. */
  readonly sessionTtlMs?: number;
}

const DEFAULT_LEASE_MS = 15_000;

/** The leases of the nodes, as keys that Redis lets expire. */
export class RedisLeaseStore implements LeaseStore {
  private readonly leaseMs: number;
  private readonly leaseSweep: LeaseSweep;
  private readonly entrySweep: EntrySweep;

  constructor(
    private readonly redis: RedisConnections,
    options: RedisLeaseStoreOptions = {},
  ) {
    this.leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
    if (!(this.leaseMs >= 1)) throw new HubError('internal', 'leaseMs is not a positive number.');
    const sessionTtlMs = options.sessionTtlMs ?? SESSION_TTL_MS;
    const ttlMs = metaTtlMs(options.history, sessionTtlMs);
    const index = new SessionIndex(redis, ttlMs);
    this.entrySweep = new EntrySweep(redis, ttlMs);
    this.leaseSweep = new LeaseSweep(redis, index, new SessionDeparture(redis, sessionTtlMs));
  }

  async take(lease: NodeLease): Promise<void> {
    const { commands, keys, format } = this.redis;
    // A lease that is lost may mean that Redis was emptied, and that nodes of another format came first.
    await format.check();
    // Listed first: a lease that nobody lists would never be swept. A fresh heartbeat keeps sweepers off meanwhile.
    await this.beat(lease);
    await command(commands.set(keys.lease(leaseName(lease)), JSON.stringify(lease), 'PX', this.leaseMs));
    await this.point(lease);
  }

  async renew(lease: NodeLease): Promise<boolean> {
    const { commands, keys } = this.redis;
    const key = keys.lease(leaseName(lease));
    const renewed = await command(commands.set(key, JSON.stringify(lease), 'PX', this.leaseMs, 'XX'));
    if (renewed === null) return false;
    await Promise.all([this.beat(lease), this.point(lease)]);
    return true;
  }

  async release(lease: LeaseId): Promise<void> {
    const { commands, keys } = this.redis;
    const name = leaseName(lease);
    const current = await this.node(lease.nodeId);
    const [left] = await command(
      Promise.all([
        commands.scard(keys.leaseSessions(name)),
        commands.del(keys.lease(name)),
        // A newer generation may have taken the place already.
        ...(current?.generation === lease.generation ? [commands.del(keys.node(lease.nodeId))] : []),
      ]),
    );
    // What could not be taken off in time is left to whoever sweeps next.
    if (left === 0) await command(commands.zrem(keys.nodes, name));
    else await command(commands.zadd(keys.nodes, 'XX', 0, name));
  }

  async nodes(page: PageRequest): Promise<Page<NodeLease>> {
    const { commands, keys, unreadable } = this.redis;
    const cursor = parseScanCursor(page.cursor);
    const [next, flat] = await unreadable.replaceForeign([[keys.nodes, 'zset']], () =>
      command(commands.zscan(keys.nodes, cursor, 'COUNT', Math.max(1, page.limit))),
    );
    const names = flat.filter((_text, index) => index % 2 === 0);
    const leases = await Promise.all(names.map((name) => this.get(keys.lease(name))));
    const items = leases.flatMap((lease, index) => this.read(keys.lease(names[index] ?? ''), lease) ?? []);
    return next === '0' ? { items } : { items, next };
  }

  async node(nodeId: string): Promise<NodeLease | undefined> {
    const key = this.redis.keys.node(nodeId);
    return this.read(key, await this.get(key));
  }

  /** Looks on the way over some of what stands in the store. */
  async sweep(): Promise<number> {
    const removed = await this.leaseSweep.sweep(this.leaseMs);
    await this.entrySweep.step();
    return removed;
  }

  private get(key: string): Promise<string | null | undefined> {
    return this.redis.unreadable.skip(key, () => command(this.redis.commands.get(key)));
  }

  /** What cannot be read is none: whoever holds that lease writes it anew with the next heartbeat. */
  private read(key: string, text: string | null | undefined): NodeLease | undefined {
    if (typeof text !== 'string') return undefined;
    const lease = parseLease(text);
    if (!lease) this.redis.unreadable.report(key, 'not a lease', { bytes: text.length });
    return lease;
  }

  private async beat(lease: LeaseId): Promise<void> {
    const { commands, keys, unreadable } = this.redis;
    await unreadable.replaceForeign([[keys.nodes, 'zset']], () =>
      command(commands.zadd(keys.nodes, Date.now(), leaseName(lease))),
    );
  }

  /** Makes the lease the one that its node id leads to. */
  private async point(lease: NodeLease): Promise<void> {
    const { commands, keys } = this.redis;
    await command(commands.set(keys.node(lease.nodeId), JSON.stringify(lease), 'PX', this.leaseMs));
  }
}
