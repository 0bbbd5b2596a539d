import { parseEventGuid } from '@ringback/contract';
import { AwaySessions, type AwayEntry } from './away-sessions.js';
import type { RedisConnections } from './connections.js';
import { runScript, SCRIPTS } from './scripts.js';
import { EVENT } from './session-fields.js';
import { SubscriptionEndings } from './subscription-endings.js';

/** Sessions looked at in one go, and events of one session that are ended in one go. */
const BATCH = 100;

const ENDED = 1;
const ENDING = 2;

/**
 * Ends sessions whose time is over. Whoever dies half way leaves the session marked and listed: nobody can take it, and the next one
 * goes on.
 */
export class SessionExpiry {
  private readonly away: AwaySessions;
  private readonly endings: SubscriptionEndings;

  constructor(
    private readonly redis: RedisConnections,
    metaTtlMs: number,
  ) {
    this.away = new AwaySessions(redis);
    this.endings = new SubscriptionEndings(redis, metaTtlMs);
  }

  /** Resolves to how many sessions this call ended. */
  async expire(): Promise<number> {
    const now = Date.now();
    let ended = 0;
    for (;;) {
      const due = await this.away.due(now, BATCH);
      for (const entry of due) ended += (await this.endOrUnlist(entry, now)) ? 1 : 0;
      // Every entry is off the list, or stands there with a later time.
      if (due.length < BATCH) return ended;
    }
  }

  /** What is no session comes off the list: else it would be in the way of all that are due after it. */
  private async endOrUnlist(entry: AwayEntry, now: number): Promise<boolean> {
    const { keys, unreadable } = this.redis;
    const ended = await unreadable.skip(keys.session(entry.subscriber), () => this.end(entry, now));
    if (ended === undefined) await this.away.unlist(entry);
    return ended ?? false;
  }

  private async end(entry: AwayEntry, now: number): Promise<boolean> {
    const session = this.redis.keys.session(entry.subscriber);
    for (;;) {
      const reply = await runScript(this.redis.commands, SCRIPTS.expireSession, [session], [now, BATCH]);
      const [outcome, time, ...events] = reply as readonly [number, ...Buffer[]];
      if (outcome !== ENDING) {
        if (outcome === ENDED) await this.giveBack(entry.subscriber, events);
        await this.correct(entry, String(time ?? ''));
        return outcome === ENDED;
      }
      await this.endEvents(entry.subscriber, Number(String(time)), events.map(String));
    }
  }

  private giveBack(subscriber: string, [version]: readonly Buffer[]): Promise<void> {
    return this.redis.durable.note(subscriber, { bytes: 0, version: String(version) });
  }

  /** The session is gone or back, or ends at another time than the list says. */
  private async correct(entry: AwayEntry, expiresAt: string): Promise<void> {
    if (expiresAt === '') await this.away.unlist(entry);
    else await this.away.list({ ...entry, expiresAt: Number(expiresAt) });
  }

  /** What was made since belongs to a session that somebody has made anew while this sweeper was slow. */
  private async endEvents(subscriber: string, madeBefore: number, events: readonly string[]): Promise<void> {
    const ending: Promise<void>[] = [];
    for (let at = 0; at < events.length; at += 2) {
      const [field = '', lease = ''] = events.slice(at, at + 2);
      ending.push(this.endEvent(subscriber, madeBefore, field, lease));
    }
    await Promise.all(ending);
  }

  private async endEvent(
    subscriber: string,
    madeBefore: number,
    field: string,
    lease: string,
  ): Promise<void> {
    const session = this.redis.keys.session(subscriber);
    await this.redis.unreadable.skip(session, async () =>
      this.endings.end(parseEventGuid(field.slice(EVENT.length)), subscriber, { madeBefore }),
    );
    await runScript(this.redis.commands, SCRIPTS.forget, [session], [lease, field]);
  }
}
