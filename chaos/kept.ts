import type { Facts, TriggerFacts } from './facts.js';
import type { GapNoticed } from './history.js';
import type { Order } from './order.js';

/** An envelope that somebody knows to be kept: its publisher was told, or a subscriber received it. */
export interface Kept {
  readonly position: string;
  readonly trigger: TriggerFacts;
}

export function keptByEvent({ triggers, deliveries }: Facts): Map<string, Kept[]> {
  const positions = new Map<string, Map<string, Kept>>();
  const add = (position: string, trigger: TriggerFacts | undefined): void => {
    if (!trigger) return; // a phantom, which another check names
    const { eventguid } = trigger.invoked;
    const ofEvent = positions.get(eventguid) ?? new Map<string, Kept>();
    positions.set(eventguid, ofEvent.set(position, { position, trigger }));
  };
  for (const trigger of triggers.values())
    for (const { position } of trigger.accepted) add(position, trigger);
  for (const { position, trigger } of deliveries) add(position, triggers.get(trigger));
  return new Map([...positions].map(([eventguid, ofEvent]) => [eventguid, [...ofEvent.values()]]));
}

/** Whether an announced gap covers a position. */
export function covers({ after, position: until }: GapNoticed, position: string, order: Order): boolean {
  const begins = after === undefined || order.compare(after, position) < 0;
  return begins && order.compare(position, until) <= 0;
}
