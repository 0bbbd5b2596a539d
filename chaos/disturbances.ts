import type { Entry } from './history.js';

/** A time in which something lay between a node and Redis, in milliseconds since the start of the run. */
interface Trouble {
  readonly hits: string;
  readonly from: number;
  readonly to: number;
}

/** How long after its end a disturbance may still be felt: links are made anew, leases taken, what waited is sent. */
const FELT_FOR_MS = 5_000;

/** Says when a node could work with Redis undisturbed. */
export class Disturbances {
  private readonly troubles: readonly Trouble[];

  constructor(entries: readonly Entry[]) {
    this.troubles = entries.flatMap((entry, index) => {
      if (entry.kind !== 'disturbed' || entry.hits === undefined) return [];
      const healed = entries
        .slice(index)
        .find((other) => other.kind === 'healed' && other.what === entry.what);
      return [{ hits: entry.hits, from: entry.at, to: (healed?.at ?? Infinity) + FELT_FOR_MS }];
    });
  }

  /** Whether there is a time of the given length, from one moment to another, in which nothing came between any of the nodes and Redis. */
  hasCalm(nodeIds: readonly string[], from: number, to: number, lengthMs: number): boolean {
    const troubles = this.troubles
      .filter(({ hits }) => hits === 'redis' || nodeIds.includes(hits))
      .sort((one, other) => one.from - other.from);
    let calmFrom = from;
    for (const trouble of troubles) {
      if (Math.min(trouble.from, to) - calmFrom >= lengthMs) return true;
      calmFrom = Math.max(calmFrom, trouble.to);
    }
    return to - calmFrom >= lengthMs;
  }
}
