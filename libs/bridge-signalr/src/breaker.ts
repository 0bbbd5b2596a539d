import { digestOf } from './digest.js';

const SECOND = 1_000;
/** How long what went round too fast is not carried. */
const OPEN_MS = 10_000;
/** Most different contents that are counted at a time; beyond that counting begins anew. */
const MOST = 10_000;

interface Count {
  passed: number;
  readonly since: number;
  openUntil: number;
}

/** What a breaker says of a delivery: `tripped` is the first that is not carried. */
export type Verdict = 'closed' | 'tripped' | 'open';

/** Stops what nothing else has recognised as a loop: the same event and data more often than so many times in a second. */
export class Breaker {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly mostPerSecond: number,
    private readonly now: () => number = Date.now,
  ) {}

  check(eventguid: string, data: string): Verdict {
    const now = this.now();
    const digest = digestOf(eventguid, data);
    const count = this.countOf(digest, now);
    if (now < count.openUntil) return 'open';
    if (++count.passed <= this.mostPerSecond) return 'closed';
    count.openUntil = now + OPEN_MS;
    return 'tripped';
  }

  private countOf(digest: string, now: number): Count {
    const known = this.counts.get(digest);
    if (known && (now < known.openUntil || now < known.since + SECOND)) return known;
    const count = { passed: 0, since: now, openUntil: 0 };
    if (this.counts.size >= MOST) this.counts.clear();
    this.counts.set(digest, count);
    return count;
  }
}
