import { isNamed, type LeaseId } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import { decodeName, parseLeaseName } from './redis-keys.js';
import type { SessionDeparture } from './session-departure.js';
import type { SessionIndex } from './session-index.js';

const CLAIM_MS = 30_000;
const BATCH = 100;

/** Cleans up after nodes whose lease has run out. */
export class LeaseSweep {
  constructor(
    private readonly redis: RedisConnections,
    private readonly sessions: SessionIndex,
    private readonly departure: SessionDeparture,
  ) {}

  /** Resolves to the number of subscriptions that this call removed. */
  async sweep(leaseMs: number): Promise<number> {
    const { commands, keys } = this.redis;
    const silent = await command(commands.zrangebyscore(keys.nodes, '-inf', `(${Date.now() - leaseMs}`));
    let removed = 0;
    for (const name of silent) {
      if ((await command(commands.exists(keys.lease(name)))) > 0) continue;
      removed +=
        (await this.redis.unreadable.skip(keys.leaseSessions(name), () => this.sweepLease(name))) ?? 0;
    }
    return removed;
  }

  private async sweepLease(name: string): Promise<number> {
    const { commands, keys } = this.redis;
    const claim = await command(commands.set(keys.leaseSweep(name), randomUUID(), 'PX', CLAIM_MS, 'NX'));
    if (claim === null) return 0;
    const removed = await this.sweepSessions(name);
    await command(commands.del(keys.leaseSessions(name)));
    // Last: whoever takes over from a sweeper that died must find the lease in the list.
    await command(commands.zrem(keys.nodes, name));
    await command(commands.del(keys.leaseSweep(name)));
    return removed;
  }

  private async sweepSessions(name: string): Promise<number> {
    const { commands, keys, unreadable } = this.redis;
    const lease = parseLeaseName(name);
    let cursor = '0';
    let removed = 0;
    do {
      const [next, subscribers] = await command(
        commands.sscan(keys.leaseSessions(name), cursor, 'COUNT', BATCH),
      );
      const counts = await Promise.all(
        subscribers.map((subscriber) =>
          unreadable.skip(keys.session(decodeName(subscriber)), () =>
            this.sweepSubscriber(lease, decodeName(subscriber)),
          ),
        ),
      );
      removed += counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
      await command(commands.pexpire(keys.leaseSweep(name), CLAIM_MS));
      cursor = next;
    } while (cursor !== '0');
    return removed;
  }

  /** Named subscribers lose nothing with their node: their sessions are away from then on. */
  private async sweepSubscriber(lease: LeaseId, subscriber: string): Promise<number> {
    if (!isNamed(subscriber)) return this.sessions.endUnder(lease, subscriber);
    await this.departure.leaveLease(subscriber, lease);
    return 0;
  }
}
