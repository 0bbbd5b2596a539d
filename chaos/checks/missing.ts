import type { GapNoticed } from '../history.js';
import type { Facts, SubscriptionFacts, TriggerFacts } from '../facts.js';
import { epochOf, type Order } from '../order.js';
import type { Violation } from '../violation.js';

/** An envelope that somebody knows to be kept: its publisher was told, or a subscriber received it. */
interface Kept {
  readonly position: string;
  readonly trigger: TriggerFacts;
}

/** Nothing accepted is missing at a subscriber that was subscribed before it, unless a gap was announced that covers it. */
export function missing(facts: Facts, order: Order, losesNothing: boolean): Violation[] {
  const kept = keptByEvent(facts);
  return [...facts.subscriptions.values()].flatMap((subscription) => {
    const due = dueTo(subscription, order, losesNothing);
    const delivered = new Set(subscription.deliveries.map(({ position }) => position));
    return (kept.get(subscription.asked.eventguid) ?? [])
      .filter((envelope) => !delivered.has(envelope.position) && due(envelope))
      .map((envelope) => missed(subscription, envelope));
  });
}

function keptByEvent({ triggers, subscriptions }: Facts): Map<string, Kept[]> {
  const positions = new Map<string, Map<string, Kept>>();
  const add = (position: string, trigger: TriggerFacts | undefined): void => {
    if (!trigger) return; // a phantom, which another check names
    const { eventguid } = trigger.invoked;
    const ofEvent = positions.get(eventguid) ?? new Map<string, Kept>();
    positions.set(eventguid, ofEvent.set(position, { position, trigger }));
  };
  for (const trigger of triggers.values())
    for (const { position } of trigger.accepted) add(position, trigger);
  for (const { deliveries } of subscriptions.values())
    for (const { position, trigger } of deliveries) add(position, triggers.get(trigger));
  return new Map([...positions].map(([eventguid, ofEvent]) => [eventguid, [...ofEvent.values()]]));
}

/** Whether an envelope had to reach a subscription. Where it cannot be told, it had not. */
function dueTo(
  subscription: SubscriptionFacts,
  order: Order,
  losesNothing: boolean,
): (envelope: Kept) => boolean {
  const { subscribed, gaps } = subscription;
  if (!subscribed) return () => false;
  const end = endOf(subscription, order);
  return ({ position, trigger }) => {
    const comparable = losesNothing || epochOf(position) === epochOf(subscribed.position);
    const isAfter = comparable && order.compare(position, subscribed.position) > 0;
    if (!isAfter && trigger.invoked.index < subscribed.index) return false;
    if (end !== undefined && (end === '' || order.compare(position, end) > 0)) return false;
    return !gaps.some((gap) => covers(gap, position, order));
  };
}

/** The last position that was due to a subscription that is over; `''` if none was; absent if it goes on. */
function endOf({ deliveries, ended }: SubscriptionFacts, order: Order): string | undefined {
  const cut = deliveries.find((delivery) => delivery.ended === true);
  if (cut) return cut.position;
  if (!ended) return undefined;
  const positions = deliveries.map(({ position }) => position);
  return positions.reduce(
    (last, position) => (last !== '' && order.compare(last, position) > 0 ? last : position),
    '',
  );
}

function covers({ after, position: until }: GapNoticed, position: string, order: Order): boolean {
  const begins = after === undefined || order.compare(after, position) < 0;
  return begins && order.compare(position, until) <= 0;
}

function missed({ asked, subscribed }: SubscriptionFacts, { position, trigger }: Kept): Violation {
  const { invoked } = trigger;
  return {
    kind: 'missing',
    what: `${position} never reached ${asked.subscription}, which was subscribed at ${subscribed?.position ?? '?'}`,
    subscription: asked.subscription,
    eventguid: asked.eventguid,
    trigger: invoked.trigger,
    position,
  };
}
