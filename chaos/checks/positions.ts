import type { Facts } from '../facts.js';
import { epochOf } from '../order.js';
import type { Violation } from '../violation.js';

/** Says that a trigger stands at a position. */
interface Sighting {
  readonly eventguid: string;
  readonly position: string;
  readonly trigger: number;
}

/** No position belongs to two triggers. */
export function positionsReused(facts: Facts): Violation[] {
  const owners = new Map<string, number>();
  return sightings(facts).flatMap(({ eventguid, position, trigger }) => {
    const place = `${eventguid} ${position}`;
    const owner = owners.get(place) ?? trigger;
    owners.set(place, owner);
    if (owner === trigger) return [];
    const what = `${position} of ${eventguid} belongs to trigger ${owner} and to trigger ${trigger}`;
    return [{ kind: 'position-reused', what, eventguid, position, trigger }];
  });
}

/** One key, one position; where Redis may lose something, one in each epoch. */
export function keysTwice(facts: Facts, losesNothing: boolean): Violation[] {
  const places = new Map<string, string>();
  return sightings(facts).flatMap(({ eventguid, position, trigger }) => {
    const one = losesNothing ? String(trigger) : `${trigger} ${epochOf(position)}`;
    const first = places.get(one) ?? position;
    places.set(one, first);
    if (first === position) return [];
    const what = `the key of trigger ${trigger} stands at ${first} and at ${position}`;
    return [{ kind: 'key-twice', what, eventguid, position, trigger }];
  });
}

/** Each pair of position and trigger once. */
function sightings({ triggers, deliveries }: Facts): Sighting[] {
  const all = new Map<string, Sighting>();
  const add = (sighting: Sighting): void => {
    all.set(`${sighting.eventguid} ${sighting.position} ${sighting.trigger}`, sighting);
  };
  for (const { invoked, accepted } of triggers.values())
    for (const { position, trigger } of accepted) add({ eventguid: invoked.eventguid, position, trigger });
  for (const { eventguid, position, trigger } of deliveries) add({ eventguid, position, trigger });
  return [...all.values()];
}
