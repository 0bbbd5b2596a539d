import { parseEventGuid, type EventGuid } from '@ringback/contract';
import type { LeaseId } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { META_TTL_FLOOR_MS } from './history-limits.js';
import { command } from './redis-connection.js';
import { encodeName, leaseName } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';
import { parseSubscription } from './subscription-field.js';

const FIELD = 'e:';
const BATCH = 200;

/**
 * Who holds what, so that what a dead node held is found: the subscribers of a lease, and the events of a subscriber. An
 * entry stands here before its subscription does, and is taken off after it; it may outlive it, never the reverse.
 */
export class SessionIndex {
  /** Subscribers that stand in the set of their lease already. */
  private readonly listed = new Map<string, string>();
  /** How many puts are on their way, by subscriber and event. */
  private readonly putting = new Map<string, number>();

  constructor(
    private readonly redis: RedisConnections,
    private readonly metaTtlMs = META_TTL_FLOOR_MS,
  ) {}

  /** Says that the subscriber is about to hold the events. */
  async hold(lease: LeaseId, subscriber: string, eventguids: readonly EventGuid[]): Promise<void> {
    const { commands, keys } = this.redis;
    const name = leaseName(lease);
    const fields = eventguids.flatMap((eventguid) => [FIELD + eventguid, name]);
    await Promise.all([
      this.list(name, subscriber),
      command(commands.hset(keys.session(subscriber), ...fields)),
    ]);
  }

  /** Takes one event off the subscriber, unless it is subscribed again meanwhile: from another node, or by a put of ours. */
  async drop(subscriber: string, eventguid: EventGuid): Promise<void> {
    const { commands, keys } = this.redis;
    if (this.putting.has(holding(subscriber, eventguid))) return;
    const field = encodeName(subscriber);
    const [, stored] = await command(
      Promise.all([
        commands.hdel(keys.session(subscriber), FIELD + eventguid),
        commands.hget(keys.subs(eventguid), field),
      ]),
    );
    const lease = stored === null ? undefined : parseSubscription(eventguid, field, stored)?.lease;
    if (lease) await this.hold(lease, subscriber, [eventguid]);
  }

  /** Runs a put, whose entry no `drop` takes off meanwhile. */
  async whilePutting<Result>(
    subscriber: string,
    eventguid: EventGuid,
    put: () => Promise<Result>,
  ): Promise<Result> {
    const key = holding(subscriber, eventguid);
    this.putting.set(key, (this.putting.get(key) ?? 0) + 1);
    try {
      return await put();
    } finally {
      const others = (this.putting.get(key) ?? 1) - 1;
      if (others === 0) this.putting.delete(key);
      else this.putting.set(key, others);
    }
  }

  /** Forgets what it knows to be listed: Redis may have lost it. */
  unlist(subscriber: string): void {
    this.listed.delete(subscriber);
  }

  /** Ends what the subscriber holds under exactly this lease. Resolves to the number of subscriptions that were ended. */
  async endUnder(lease: LeaseId, subscriber: string): Promise<number> {
    let ended = 0;
    for (const [field, holder] of await this.fields(subscriber)) {
      if (holder !== leaseName(lease)) continue;
      ended += await this.end(lease.nodeId, lease.generation, subscriber, field);
      const session = this.redis.keys.session(subscriber);
      await runScript(this.redis.commands, SCRIPTS.forget, [session], [holder, field]);
    }
    return ended;
  }

  /** Ends what the subscriber holds on the node of the lease, under whichever generation, and forgets the subscriber. */
  async endAll(lease: LeaseId, subscriber: string, eventguids: readonly EventGuid[]): Promise<void> {
    const { commands, keys } = this.redis;
    const held = await this.fields(subscriber);
    const fields = [...new Set([...held.keys(), ...eventguids.map((eventguid) => FIELD + eventguid)])];
    for (let start = 0; start < fields.length; start += BATCH) {
      const batch = fields.slice(start, start + BATCH);
      await Promise.all(batch.map((field) => this.end(lease.nodeId, '', subscriber, field)));
      await command(commands.hdel(keys.session(subscriber), ...batch));
    }
    const leases = new Set([leaseName(lease), ...held.values()]);
    await command(
      Promise.all([...leases].map((name) => commands.srem(keys.leaseSessions(name), encodeName(subscriber)))),
    );
    this.listed.delete(subscriber);
  }

  private async list(lease: string, subscriber: string): Promise<void> {
    if (this.listed.get(subscriber) === lease) return;
    const { commands, keys } = this.redis;
    await command(
      Promise.all([
        // A lease swept while its node was paused comes back to the list with what the node puts under it.
        commands.zadd(keys.nodes, 'NX', Date.now(), lease),
        commands.sadd(keys.leaseSessions(lease), encodeName(subscriber)),
      ]),
    );
    this.listed.set(subscriber, lease);
  }

  private async fields(subscriber: string): Promise<ReadonlyMap<string, string>> {
    const { commands, keys } = this.redis;
    const found = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, flat] = await command(commands.hscan(keys.session(subscriber), cursor, 'COUNT', BATCH));
      for (let index = 0; index < flat.length; index += 2) {
        const [field = '', lease = ''] = flat.slice(index, index + 2);
        if (field.startsWith(FIELD)) found.set(field, lease);
      }
      cursor = next;
    } while (cursor !== '0');
    return found;
  }

  private async end(nodeId: string, generation: string, subscriber: string, field: string): Promise<number> {
    const { commands, keys } = this.redis;
    const eventguid = parseEventGuid(field.slice(FIELD.length));
    const reply = await runScript(
      commands,
      SCRIPTS.sweep,
      [keys.meta(eventguid), keys.subs(eventguid), keys.named(eventguid)],
      [encodeName(subscriber), encodeName(nodeId), encodeName(generation), this.metaTtlMs],
    );
    return Number(reply);
  }
}

/** A subscriber and an event as one text; no eventguid holds a line break. */
function holding(subscriber: string, eventguid: EventGuid): string {
  return `${eventguid}\n${subscriber}`;
}
