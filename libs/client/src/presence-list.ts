import type { Presence } from '@ringback/contract';

/**
 * Called after each snapshot, join and leave with who is subscribed with presence now, and with what has changed. The first snapshot comes with the
 * subscription, another one after every moment in which joins or leaves may have been lost. A snapshot names a bounded number of members and
 * counts all in `total`.
 */
export type PresenceHandler = (members: readonly string[], change: Presence) => unknown;

/** Who takes part in one event, as far as the hub has told. */
export class PresenceList {
  private members: Set<string> | undefined;

  /** Takes a change over and answers who is there now; `undefined` as long as nobody has said who was there before. */
  take(change: Presence): readonly string[] | undefined {
    if (change.kind === 'snapshot') this.members = new Set(change.members);
    else if (change.kind === 'join') this.members?.add(change.member);
    else this.members?.delete(change.member);
    return this.members && [...this.members];
  }
}
