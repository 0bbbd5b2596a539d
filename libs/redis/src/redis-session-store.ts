import { DEFAULT_LIMITS, HubError, type EventGuid, type Position } from '@ringback/contract';
import type {
  HeldSession,
  HistoryOptions,
  Page,
  PageRequest,
  SessionClaim,
  SessionStore,
  SessionSummary,
  TakenSession,
} from '@ringback/core';
import { AwaySessions } from './away-sessions.js';
import type { RedisConnections } from './connections.js';
import { metaTtlMs, SESSION_TTL_MS } from './history-limits.js';
import { InFlight } from './in-flight.js';
import { command } from './redis-connection.js';
import { leaseName } from './redis-keys.js';
import { runScript, SCRIPTS, type Script, type ScriptReply } from './scripts.js';
import { SessionDeparture } from './session-departure.js';
import { SessionExpiry } from './session-expiry.js';
import {
  formatHolder,
  formatPositions,
  leaseOfHolder,
  parseSession,
  parseTaken,
  type OnUnreadable,
} from './session-fields.js';
import { SessionIndex } from './session-index.js';
import { bytesBesideNames } from './subscription-bytes.js';
import { whileReconnecting } from './while-reconnecting.js';

export interface RedisSessionStoreOptions {
  /** The same as the relay's: it decides how long an event is remembered. */
  readonly history?: HistoryOptions;
  /** How long a session is kept without a connection. Default 24 h. */
  readonly sessionTtlMs?: number;
  /** Most sessions that are kept without a connection. Default 100,000. */
  readonly sessionsAway?: number;
}

const HELD = 1;
const ENDING = -1;
const FULL = -2;

/** Positions noted by one call, each two arguments. */
const BATCH = 500;

/** The sessions of named subscribers: a hash for each, and the list of those that are away. */
export class RedisSessionStore implements SessionStore {
  private readonly sessionsAway: number;
  private readonly index: SessionIndex;
  private readonly list: AwaySessions;
  private readonly departure: SessionDeparture;
  private readonly expiry: SessionExpiry;
  /** Subscribers whose sessions are being taken here: they stay on the list of the lease. */
  private readonly taking = new InFlight();

  constructor(
    private readonly redis: RedisConnections,
    options: RedisSessionStoreOptions = {},
  ) {
    const { sessionTtlMs = SESSION_TTL_MS, sessionsAway = DEFAULT_LIMITS.sessionsAway } = options;
    const ttlMs = metaTtlMs(options.history, sessionTtlMs);
    this.sessionsAway = sessionsAway;
    this.index = new SessionIndex(redis, ttlMs);
    this.list = new AwaySessions(redis);
    this.departure = new SessionDeparture(redis, sessionTtlMs);
    this.expiry = new SessionExpiry(redis, ttlMs);
  }

  async take(claim: SessionClaim): Promise<TakenSession> {
    const { subscriber, lease } = claim;
    this.redis.format.assertMatches();
    const reply = await this.taking.during(subscriber, () => this.claim(claim));
    if (reply === ENDING) throw endingNow();
    if (reply === FULL) {
      await this.delist(leaseName(lease), subscriber);
      throw new HubError('offline-session-limit');
    }
    const { expiresAt, weighed, ...taken } = parseTaken(
      (reply as readonly Buffer[]).map(String),
      this.onUnreadable(subscriber),
    );
    await Promise.all([this.unlist(subscriber, expiresAt), this.redis.durable.note(subscriber, weighed)]);
    return taken;
  }

  async acknowledge(session: HeldSession, positions: ReadonlyMap<EventGuid, Position>): Promise<boolean> {
    const { subscriber, generation } = session;
    const flat = formatPositions(positions);
    for (let start = 0; start === 0 || start < flat.length; start += 2 * BATCH) {
      const batch = flat.slice(start, start + 2 * BATCH);
      const reply = await this.run(SCRIPTS.acknowledge, subscriber, [generation, Date.now(), ...batch]);
      if (reply !== 1) return false;
    }
    return true;
  }

  async leave(session: HeldSession): Promise<void> {
    const lease = await this.departure.leave(session);
    if (lease !== undefined) await this.delist(lease, session.subscriber);
  }

  async abandon(claim: SessionClaim): Promise<void> {
    await this.departure.abandon(claim);
    await this.delist(leaseName(claim.lease), claim.subscriber);
  }

  async restore(
    claim: SessionClaim,
    generation: number,
    acknowledged: ReadonlyMap<EventGuid, Position>,
  ): Promise<boolean> {
    const { subscriber } = claim;
    await this.redis.format.check();
    const reply = await this.taking.during(subscriber, async () => {
      await this.index.list(leaseName(claim.lease), subscriber);
      const args = [formatHolder(claim), generation, Date.now(), ...formatPositions(acknowledged)];
      return this.run(SCRIPTS.restoreSession, subscriber, args);
    });
    const [outcome, expiresAt] = reply as readonly [number, Buffer];
    if (outcome === ENDING) throw endingNow();
    await this.unlist(subscriber, String(expiresAt));
    return outcome === HELD;
  }

  async held(sessions: readonly HeldSession[]): Promise<readonly boolean[]> {
    const { commands, keys } = this.redis;
    const read = ({ subscriber }: HeldSession) => commands.hmget(keys.session(subscriber), 'g', 'h');
    const found = await whileReconnecting(() => command(Promise.all(sessions.map(read))));
    return found.map(
      ([generation, holder], index) =>
        typeof holder === 'string' && Number(generation) === sessions[index]?.generation,
    );
  }

  async find(subscriber: string): Promise<SessionSummary | undefined> {
    const { commands, keys } = this.redis;
    const fields = await command(commands.hgetall(keys.session(subscriber)));
    return parseSession(subscriber, fields, this.onUnreadable(subscriber));
  }

  async away(request: PageRequest): Promise<Page<SessionSummary>> {
    const { items, ...rest } = await this.list.page(request);
    const { keys, unreadable } = this.redis;
    const found = await Promise.all(
      items.map(({ subscriber }) => unreadable.skip(keys.session(subscriber), () => this.find(subscriber))),
    );
    // An entry may outlive the absence.
    const away = found.filter((session) => session?.expiresAt !== undefined);
    return { ...rest, items: away.filter((session) => session !== undefined) };
  }

  expire(): Promise<number> {
    return this.expiry.expire();
  }

  private onUnreadable(subscriber: string): OnUnreadable {
    return (cause) => this.redis.unreadable.report(this.redis.keys.session(subscriber), cause);
  }

  /** Listed before it is held: a session that its node's sweeper does not find would be held for ever. */
  private async claim(claim: SessionClaim): Promise<ScriptReply> {
    const { subscriber, lease } = claim;
    const [away] = await Promise.all([this.list.count(), this.index.list(leaseName(lease), subscriber)]);
    const mayBeNew = away < this.sessionsAway ? 1 : 0;
    const base = bytesBesideNames(subscriber);
    return this.run(SCRIPTS.takeSession, subscriber, [formatHolder(claim), Date.now(), mayBeNew, base]);
  }

  private run(script: Script, subscriber: string, args: readonly (string | number)[]): Promise<ScriptReply> {
    return runScript(this.redis.commands, script, [this.redis.keys.session(subscriber)], args);
  }

  /** The session is held already, and a stale entry does no harm. */
  private async unlist(subscriber: string, expiresAt: string): Promise<void> {
    if (expiresAt === '') return;
    try {
      await this.list.unlist({ subscriber, expiresAt: Number(expiresAt) });
    } catch (error) {
      this.redis.log.warn('session not taken off the list of those away', { subscriber, error });
    }
  }

  /** Takes the subscriber off the list of the lease, unless the session is held there again, or about to be. */
  private async delist(lease: string, subscriber: string): Promise<void> {
    if (this.taking.has(subscriber)) return;
    const { commands, keys } = this.redis;
    const [, holder] = await Promise.all([
      this.index.removeListed(lease, subscriber),
      command(commands.hget(keys.session(subscriber), 'h')),
    ]);
    if (holder !== null && leaseOfHolder(holder) === lease) await this.index.list(lease, subscriber);
  }
}

function endingNow(): HubError {
  return new HubError('relay-unavailable', 'The session is just being ended; take it again.');
}
