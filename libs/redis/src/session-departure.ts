import type { HeldSession, LeaseId, SessionClaim } from '@ringback/core';
import { AwaySessions } from './away-sessions.js';
import type { RedisConnections } from './connections.js';
import { leaseName } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';
import { formatHolder, parseWeighed } from './session-fields.js';
import { bytesBesideNames } from './subscription-bytes.js';

const AWAY = 1;

/** Makes sessions away whose connection or node has ended. */
export class SessionDeparture {
  private readonly away: AwaySessions;

  constructor(
    private readonly redis: RedisConnections,
    private readonly sessionTtlMs: number,
  ) {
    this.away = new AwaySessions(redis);
  }

  /** Resolves to the name of the lease under which it was held; `undefined` if it is not held under this generation. */
  leave({ subscriber, generation }: HeldSession): Promise<string | undefined> {
    return this.depart(subscriber, String(generation), '');
  }

  /** As `leave`, if the claim's connection holds it, under whichever generation. */
  abandon(claim: SessionClaim): Promise<string | undefined> {
    return this.depart(claim.subscriber, '', formatHolder(claim));
  }

  /** Makes the session away if its holder is at exactly this lease. */
  async leaveLease(subscriber: string, lease: LeaseId): Promise<void> {
    await this.depart(subscriber, '', leaseName(lease));
  }

  /** An entry of the list is never missing while the session is away, whoever dies in between or takes it meanwhile. */
  private async depart(subscriber: string, generation: string, holder: string): Promise<string | undefined> {
    const now = Date.now();
    const announced = { subscriber, expiresAt: now + this.sessionTtlMs };
    const isNew = await this.away.announce(announced);
    const reply = await runScript(
      this.redis.commands,
      SCRIPTS.leaveSession,
      [this.redis.keys.session(subscriber)],
      [generation, holder, now, announced.expiresAt, bytesBesideNames(subscriber)],
    );
    const [outcome, ends, heldUnder, ...weighed] = reply as readonly [number, Buffer, Buffer, Buffer, Buffer];
    if (weighed[0].length > 0) await this.redis.durable.note(subscriber, parseWeighed(weighed));
    const expiresAt = String(ends);
    if (expiresAt === '') {
      if (isNew) await this.away.unlist(announced);
    } else if (!isNew || outcome !== AWAY) {
      // It stood there from another time, or is away by somebody else.
      await this.away.list({ subscriber, expiresAt: Number(expiresAt) });
    }
    return heldUnder.length === 0 ? undefined : String(heldUnder);
  }
}
