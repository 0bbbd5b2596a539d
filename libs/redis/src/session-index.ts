import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { isNamed, type LeaseId, type NewSubscription } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { InFlight } from './in-flight.js';
import { command } from './redis-connection.js';
import { decodeName, encodeName, leaseName } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';
import { ACKNOWLEDGED, EVENT, parseWeighed, type Weighed } from './session-fields.js';
import { bytesBesideCookies, subscriptionBytes } from './subscription-bytes.js';
import { SubscriptionEndings } from './subscription-endings.js';
import { parseSubscription } from './subscription-field.js';

const BATCH = 200;

/** What an event holds for a named subscriber. */
interface NamedHolding {
  readonly lease: LeaseId;
  readonly bytes: number;
  /** Of those that cuts have set aside; they stay when the subscriber subscribes again. */
  readonly bytesSetAside: number;
}

interface WeighOptions {
  /** Under which it is put; absent: only if it is held already. */
  readonly lease?: LeaseId;
  /** Bytes that were noted before stay. */
  readonly unlessNoted?: boolean;
}

/**
 * Who holds what, so that what a dead node held is found: the subscribers of a lease, and the events of a subscriber. An
 * entry stands here before its subscription does, and is taken off after it; it may outlive it, never the reverse.
 */
export class SessionIndex {
  private readonly endings: SubscriptionEndings;
  /** Subscribers that stand in the set of their lease already. */
  private readonly listed = new Map<string, string>();
  /** Puts, by subscriber and event. */
  private readonly putting = new InFlight();

  constructor(
    private readonly redis: RedisConnections,
    metaTtlMs: number,
  ) {
    this.endings = new SubscriptionEndings(redis, metaTtlMs);
  }

  /** Says that the subscriber is about to hold the events. A named one stands in the list of its lease since its session was taken. */
  async hold(lease: LeaseId, subscriber: string, eventguids: readonly EventGuid[]): Promise<void> {
    const { commands, keys } = this.redis;
    const name = leaseName(lease);
    const fields = eventguids.flatMap((eventguid) => [EVENT + eventguid, name]);
    await Promise.all([
      isNamed(subscriber) ? undefined : this.listOnce(name, subscriber),
      command(commands.hset(keys.session(subscriber), ...fields)),
    ]);
  }

  /**
   * As `hold`, for a named subscriber, with the bytes that it will keep; what it keeps already is replaced, but not what cuts have set aside. Resolves to
   * the bytes. Rejects with `durable-bytes-limit` if all of the identity would be more than `most`: whoever asked then calls `drop`.
   */
  async reserve({ lease, subscriber, eventguid, cookie }: NewSubscription, most: number): Promise<number> {
    let bytes = subscriptionBytes(subscriber, eventguid, cookie);
    let weighed = await this.weigh(subscriber, eventguid, bytes, { lease, unlessNoted: true });
    if (weighed?.before !== undefined) {
      const holding = await this.namedHolding(subscriber, eventguid);
      bytes += holding?.bytesSetAside ?? 0;
      weighed = await this.weigh(subscriber, eventguid, bytes, { lease });
    }
    if (weighed && weighed.before !== bytes) await this.redis.durable.reserve(subscriber, weighed, most);
    return bytes;
  }

  /** As `hold`, for a named subscriber whose subscription is stored, whatever it keeps. */
  async keep(lease: LeaseId, subscriber: string, eventguid: EventGuid, bytes: number): Promise<void> {
    const weighed = await this.weigh(subscriber, eventguid, bytes, { lease });
    if (weighed && weighed.before !== bytes) await this.redis.durable.note(subscriber, weighed);
  }

  /** As `keep`, after the store or the lease was lost: bytes that are noted still are right. */
  async keepAgain({ lease, subscriber, eventguid, cookie }: NewSubscription): Promise<void> {
    const bytes = subscriptionBytes(subscriber, eventguid, cookie);
    const weighed = await this.weigh(subscriber, eventguid, bytes, { lease, unlessNoted: true });
    if (weighed && weighed.before === undefined) await this.redis.durable.note(subscriber, weighed);
  }

  /** Takes one event off the subscriber, unless it holds something of it: subscribed again meanwhile, or set aside by a cut. */
  async drop(subscriber: string, eventguid: EventGuid): Promise<void> {
    if (this.putting.has(holding(subscriber, eventguid))) return;
    if (isNamed(subscriber)) return this.dropNamed(subscriber, eventguid);
    const [, lease] = await Promise.all([
      this.removeFields(subscriber, eventguid),
      this.ephemeralHolder(subscriber, eventguid),
    ]);
    if (lease) await this.hold(lease, subscriber, [eventguid]);
  }

  /** Runs a put, whose entry no `drop` takes off meanwhile. */
  whilePutting<Result>(
    subscriber: string,
    eventguid: EventGuid,
    put: () => Promise<Result>,
  ): Promise<Result> {
    return this.putting.during(holding(subscriber, eventguid), put);
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
      const session = this.redis.keys.session(subscriber);
      const end = async () => this.endings.end(eventOf(field), subscriber, lease);
      ended += (await this.redis.unreadable.skip(session, end)) ?? 0;
      await runScript(this.redis.commands, SCRIPTS.forget, [session], [holder, field]);
    }
    return ended;
  }

  /** Ends what the subscriber holds on the node of the lease, under whichever generation, and forgets the subscriber. */
  async endAll(lease: LeaseId, subscriber: string, eventguids: readonly EventGuid[]): Promise<void> {
    const { commands, keys, turns } = this.redis;
    const { nodeId } = lease;
    const held = await this.fields(subscriber);
    const fields = [...new Set([...held.keys(), ...eventguids.map((eventguid) => EVENT + eventguid)])];
    for (let start = 0; start < fields.length; start += BATCH) {
      const batch = fields.slice(start, start + BATCH);
      await Promise.all(batch.map((field) => turns.run(() => this.endEvent(subscriber, field, nodeId))));
      const acknowledged = batch.map((field) => ACKNOWLEDGED + field.slice(EVENT.length));
      await command(commands.hdel(keys.session(subscriber), ...batch, ...acknowledged));
    }
    const leases = new Set([leaseName(lease), ...held.values()]);
    await Promise.all([...leases].map((name) => this.removeListed(name, subscriber)));
  }

  private async endEvent(subscriber: string, field: string, nodeId: string): Promise<void> {
    const session = this.redis.keys.session(subscriber);
    await this.redis.unreadable.skip(session, async () =>
      this.endings.end(eventOf(field), subscriber, { nodeId }),
    );
  }

  /** Puts the subscriber on the list of the lease: whoever sweeps it finds the subscriber. */
  async list(lease: string, subscriber: string): Promise<void> {
    const { commands, keys, unreadable } = this.redis;
    const shared = [
      [keys.nodes, 'zset'],
      [keys.leaseSessions(lease), 'set'],
    ] as const;
    const add = () =>
      Promise.all([
        // A lease swept while its node was paused comes back to the list with what the node puts under it.
        commands.zadd(keys.nodes, 'NX', Date.now(), lease),
        commands.sadd(keys.leaseSessions(lease), encodeName(subscriber)),
      ]);
    await unreadable.replaceForeign(shared, () => command(add()));
  }

  async removeListed(lease: string, subscriber: string): Promise<void> {
    this.listed.delete(subscriber);
    await command(this.redis.commands.srem(this.redis.keys.leaseSessions(lease), encodeName(subscriber)));
  }

  private async listOnce(lease: string, subscriber: string): Promise<void> {
    if (this.listed.get(subscriber) === lease) return;
    await this.list(lease, subscriber);
    this.listed.set(subscriber, lease);
  }

  private removeFields(subscriber: string, eventguid: EventGuid): Promise<number> {
    const { commands, keys } = this.redis;
    return command(commands.hdel(keys.session(subscriber), EVENT + eventguid, ACKNOWLEDGED + eventguid));
  }

  private async ephemeralHolder(subscriber: string, eventguid: EventGuid): Promise<LeaseId | undefined> {
    const field = encodeName(subscriber);
    const stored = await command(this.redis.commands.hget(this.redis.keys.subs(eventguid), field));
    return stored === null ? undefined : parseSubscription(eventguid, field, stored)?.lease;
  }

  private async dropNamed(subscriber: string, eventguid: EventGuid): Promise<void> {
    // Else what was acknowledged would be forgotten.
    const held = await this.namedHolding(subscriber, eventguid);
    if (held) return this.correct(subscriber, eventguid, held.bytes);
    const { commands, durable, keys } = this.redis;
    const reply = await runScript(commands, SCRIPTS.dropEvent, [keys.session(subscriber)], [eventguid]);
    await durable.note(subscriber, parseWeighed(reply));
    const again = await this.namedHolding(subscriber, eventguid);
    if (again) await this.keep(again.lease, subscriber, eventguid, again.bytes);
  }

  private async correct(subscriber: string, eventguid: EventGuid, bytes: number): Promise<void> {
    const weighed = await this.weigh(subscriber, eventguid, bytes);
    if (weighed && weighed.before !== bytes) await this.redis.durable.note(subscriber, weighed);
  }

  /** Resolves to what all of the session keeps then, and what the event kept before; `undefined` if the session does not hold it. */
  private async weigh(
    subscriber: string,
    eventguid: EventGuid,
    bytes: number,
    { lease, unlessNoted = false }: WeighOptions = {},
  ): Promise<Weighed | undefined> {
    const { commands, keys } = this.redis;
    const put = lease ? leaseName(lease) : '';
    const args = [put, eventguid, bytes, unlessNoted ? 1 : 0];
    const reply = await runScript(commands, SCRIPTS.weighEvent, [keys.session(subscriber)], args);
    return reply === null ? undefined : parseWeighed(reply);
  }

  private async namedHolding(subscriber: string, eventguid: EventGuid): Promise<NamedHolding | undefined> {
    const { commands, keys } = this.redis;
    const names = [keys.meta(eventguid), keys.named(eventguid), keys.cuts(eventguid)];
    const reply = await runScript(commands, SCRIPTS.holding, names, [encodeName(subscriber)]);
    if (!Array.isArray(reply)) return undefined;
    const [nodeId = '', generation = '', standing, aside, cookies] = reply.map(String);
    const each = bytesBesideCookies(subscriber, eventguid);
    const bytesSetAside = Number(aside) * each + Number(cookies);
    return {
      lease: { nodeId: decodeName(nodeId), generation: decodeName(generation) },
      bytes: bytesSetAside + (Number(standing) < 0 ? 0 : each + Number(standing)),
      bytesSetAside,
    };
  }

  private async fields(subscriber: string): Promise<ReadonlyMap<string, string>> {
    const { commands, keys } = this.redis;
    const found = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, flat] = await command(commands.hscan(keys.session(subscriber), cursor, 'COUNT', BATCH));
      for (let index = 0; index < flat.length; index += 2) {
        const [field = '', lease = ''] = flat.slice(index, index + 2);
        if (field.startsWith(EVENT)) found.set(field, lease);
      }
      cursor = next;
    } while (cursor !== '0');
    return found;
  }
}

/** A subscriber and an event as one text; no eventguid holds a line break. */
function holding(subscriber: string, eventguid: EventGuid): string {
  return `${eventguid}\n${subscriber}`;
}

function eventOf(field: string): EventGuid {
  return parseEventGuid(field.slice(EVENT.length));
}
