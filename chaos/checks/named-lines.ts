import type { Delivered } from '../history.js';
import type { Facts } from '../facts.js';
import type { Placed } from '../placed.js';
import { keptByEvent, type Kept } from '../kept.js';
import type { LineFacts } from '../named-facts.js';
import type { Order } from '../order.js';

/**
 * The time from one one-shot of an event to the next, numbered: a subscription lives within one of them. An envelope belongs to the generation that
 * it is delivered to, a one-shot to the one that it ends.
 */
export type Generation = number;

/** A line with what was kept of its event, and what the one-shots make of it. */
export class Line {
  readonly subscriber: string;
  readonly eventguid: string;
  /** What was kept and had to reach the subscriber. */
  readonly due: readonly Kept[];
  /** For each generation in which a cookie was left: the first position at which one surely stood. */
  private readonly sinces = new Map<Generation, string>();
  private readonly cuts: readonly string[];

  constructor(
    readonly facts: LineFacts,
    kept: readonly Kept[],
    private readonly order: Order,
  ) {
    this.subscriber = facts.subscriber;
    this.eventguid = facts.eventguid;
    this.cuts = kept
      .filter(({ trigger }) => trigger.invoked.oneShot)
      .map(({ position }) => position)
      .sort((one, other) => order.compare(one, other));
    for (const { answered } of facts.asks) if (answered) this.noteSince(answered.position);
    this.due = kept.filter((envelope) => this.isDue(envelope));
  }

  /** The generation to which an envelope at the position is delivered. */
  generationOf(position: string): Generation {
    return this.countCuts((cut) => this.order.compare(cut, position) < 0);
  }

  /** The generation of a subscription that was stored at the position. */
  generationAt(position: string): Generation {
    return this.countCuts((cut) => this.order.compare(cut, position) <= 0);
  }

  sinceOf(generation: Generation): string | undefined {
    return this.sinces.get(generation);
  }

  /** What it received, by connection. */
  byConnection(): Map<number, Placed<Delivered>[]> {
    const result = new Map<number, Placed<Delivered>[]>();
    for (const delivery of this.facts.deliveries) {
      const { connection = 0 } = delivery;
      const known = result.get(connection);
      if (known) known.push(delivery);
      else result.set(connection, [delivery]);
    }
    return result;
  }

  private isDue({ position }: Kept): boolean {
    const since = this.sinceOf(this.generationOf(position));
    return since !== undefined && this.order.compare(position, since) > 0;
  }

  private noteSince(position: string): void {
    const generation = this.generationAt(position);
    const known = this.sinces.get(generation);
    if (known === undefined || this.order.compare(position, known) < 0) this.sinces.set(generation, position);
  }

  /** How many of the cuts come first. */
  private countCuts(isBefore: (cut: string) => boolean): number {
    let [least, end] = [0, this.cuts.length];
    while (least < end) {
      const middle = Math.floor((least + end) / 2);
      const cut = this.cuts[middle];
      if (cut !== undefined && isBefore(cut)) least = middle + 1;
      else end = middle;
    }
    return least;
  }
}

export function linesOf(facts: Facts, order: Order): readonly Line[] {
  const kept = keptByEvent(facts);
  return [...facts.named.lines.values()].map((line) => new Line(line, kept.get(line.eventguid) ?? [], order));
}
