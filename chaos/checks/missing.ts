import type { Facts, SubscriptionFacts } from '../facts.js';
import { covers, keptByEvent, type Kept } from '../kept.js';
import { epochOf, type Order } from '../order.js';
import type { Violation } from '../violation.js';

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
