import type { TurnBudget } from '@ringback/async';
import type { Clock } from './ports/clock.port.js';

/** Fewer clients than fill the time are closed at this distance: there is no storm to avoid. */
const MS_PER_CLIENT = 10;
const STEP_MS = 20;

/**
 * Closes many, in random order, spread evenly over the time, so that they do not all come back to the other nodes at once.
 * Resolves when the last is closed.
 */
export async function closePaced<Item>(
  items: readonly Item[],
  overMs: number,
  { clock, turns }: { readonly clock: Clock; readonly turns: TurnBudget },
  close: (item: Item) => void,
): Promise<void> {
  const steps = Math.max(1, Math.floor(Math.min(overMs, items.length * MS_PER_CLIENT) / STEP_MS));
  const perStep = Math.ceil(items.length / steps);
  const order = shuffled(items);
  for (let start = 0; start < order.length; start += perStep) {
    if (start > 0) await new Promise<void>((resume) => void clock.after(STEP_MS, resume));
    await turns.each(order.slice(start, start + perStep), close);
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
