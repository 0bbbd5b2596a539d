import type { Delivered } from '../history.js';
import type { Facts, SubscriptionFacts } from '../facts.js';
import type { Placed } from '../placed.js';
import { epochOf, type Order } from '../order.js';
import type { Violation, ViolationKind } from '../violation.js';

/** What is to be looked at: the deliveries of one subscription, or of one connection of a named subscriber. */
export type Received = Pick<SubscriptionFacts, 'deliveries'>;

type Check = (subscription: SubscriptionFacts, facts: Facts, order: Order) => Violation[];

/** What one subscription received: each offset once, in order, with its own cookie, each one-shot as its end. */
export function deliveries(facts: Facts, order: Order, losesNothing: boolean): Violation[] {
  const sequence: Check = (subscription) => inSequence(subscription, facts, order, losesNothing);
  const checks: readonly Check[] = [sequence, wrongCookie, afterEnd];
  return [...facts.subscriptions.values()].flatMap((subscription) =>
    checks.flatMap((check) => check(subscription, facts, order)),
  );
}

/** Each offset once and in order, nothing that nobody triggered, and one-shots, and only they, as the last. */
export function inSequence(
  received: Received,
  facts: Facts,
  order: Order,
  losesNothing: boolean,
): Violation[] {
  const checks = [twice, losesNothing ? outOfOrder : returnsToEpoch, outOfOrderInEpoch, wrongEnd, phantom];
  return checks.flatMap((check) => check(received, facts, order));
}

function twice({ deliveries }: Received): Violation[] {
  const seen = new Set<string>();
  return deliveries.flatMap((delivery) => {
    const again = seen.has(delivery.position);
    seen.add(delivery.position);
    return again ? [about('twice', delivery, `${delivery.position} was delivered twice`)] : [];
  });
}

function outOfOrder({ deliveries }: Received, _facts: Facts, order: Order): Violation[] {
  return pairs(deliveries).flatMap(([before, delivery]) => {
    const isOther = epochOf(before.position) !== epochOf(delivery.position);
    const isLess = isOther && order.compare(before.position, delivery.position) >= 0;
    return isLess
      ? [about('order', delivery, `${delivery.position} was delivered after ${before.position}`)]
      : [];
  });
}

function outOfOrderInEpoch({ deliveries }: Received, _facts: Facts, order: Order): Violation[] {
  const last = new Map<string, Delivered>();
  return deliveries.flatMap((delivery) => {
    const before = last.get(epochOf(delivery.position));
    last.set(epochOf(delivery.position), delivery);
    if (!before || order.compare(before.position, delivery.position) <= 0) return []; // the same one is `twice`
    return [about('order', delivery, `${delivery.position} was delivered after ${before.position}`)];
  });
}

function returnsToEpoch({ deliveries }: Received): Violation[] {
  const left = new Set<string>();
  return pairs(deliveries).flatMap(([before, delivery]) => {
    if (epochOf(before.position) !== epochOf(delivery.position)) left.add(epochOf(before.position));
    const returned = left.has(epochOf(delivery.position));
    return returned
      ? [about('order', delivery, `${delivery.position} was delivered though its epoch was over`)]
      : [];
  });
}

function wrongCookie({ asked, deliveries }: SubscriptionFacts): Violation[] {
  return deliveries
    .filter(({ cookie }) => cookie !== asked.cookie)
    .map((delivery) =>
      about(
        'cookie',
        delivery,
        `the cookie was ${JSON.stringify(delivery.cookie)}, not ${JSON.stringify(asked.cookie)}`,
      ),
    );
}

/** `ended` stands on the deliveries of one-shots, and on no others. */
function wrongEnd({ deliveries }: Received, { triggers }: Facts): Violation[] {
  return deliveries.flatMap((delivery) => {
    const oneShot = triggers.get(delivery.trigger)?.invoked.oneShot;
    if (oneShot === undefined || oneShot === (delivery.ended === true)) return [];
    const what = oneShot ? 'a one-shot did not end the subscription' : 'no one-shot ended the subscription';
    return [about('one-shot', delivery, `${what} at ${delivery.position}`)];
  });
}

function afterEnd({ deliveries, ended }: SubscriptionFacts): Violation[] {
  const cut = deliveries.find((delivery) => delivery.ended === true)?.index ?? Infinity;
  const end = Math.min(cut, ended?.index ?? Infinity);
  return deliveries
    .filter(({ index }) => index > end)
    .map((delivery) =>
      about('after-end', delivery, `${delivery.position} was delivered after the subscription had ended`),
    );
}

/** Delivered, though nobody triggered it, or after its publisher was told for certain that it was not accepted. */
function phantom({ deliveries }: Received, { triggers }: Facts): Violation[] {
  return deliveries.flatMap((delivery) => {
    const trigger = triggers.get(delivery.trigger);
    const isOfEvent = trigger?.invoked.eventguid === delivery.eventguid;
    if (isOfEvent && trigger.refused < trigger.attempts) return [];
    return [about('phantom', delivery, `${delivery.position} was delivered and is of no accepted trigger`)];
  });
}

function pairs(deliveries: readonly Placed<Delivered>[]): [Delivered, Delivered][] {
  return deliveries.flatMap((delivery, index) => {
    const before = deliveries[index - 1];
    return before ? [[before, delivery] as [Delivered, Delivered]] : [];
  });
}

export function about(kind: ViolationKind, delivery: Delivered, what: string): Violation {
  const { subscription, eventguid, trigger, position } = delivery;
  return { kind, what: `${subscription}: ${what}`, subscription, eventguid, trigger, position };
}
