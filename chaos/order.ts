import { parsePosition } from '@ringback/contract';
import type { Entry } from './history.js';

/** Which of two positions of one event comes first. */
export interface Order {
  /** Less than 0 where the first one does. */
  compare(one: string, other: string): number;
}

/** Offsets go on across epochs where Redis loses nothing; where it may, an epoch that was seen later is a later one. */
export function orderOf(entries: readonly Entry[], losesNothing: boolean): Order {
  const ranks = losesNothing ? new Map<string, number>() : rankEpochs(entries);
  const rank = (epoch: string): number => ranks.get(epoch) ?? 0;
  return {
    compare: (one, other) => {
      const [a, b] = [parsed(one), parsed(other)];
      return rank(a.epoch) - rank(b.epoch) || a.offset - b.offset;
    },
  };
}

export function epochOf(position: string): string {
  return parsed(position).epoch;
}

function rankEpochs(entries: readonly Entry[]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const entry of entries) {
    if (!('position' in entry)) continue;
    const { epoch } = parsed(entry.position);
    if (!ranks.has(epoch)) ranks.set(epoch, ranks.size);
  }
  return ranks;
}

const known = new Map<string, ReturnType<typeof parsePosition>>();

function parsed(position: string): ReturnType<typeof parsePosition> {
  const found = known.get(position) ?? parsePosition(position);
  known.set(position, found);
  return found;
}
