import type { EventGuid } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { epochTag, parseStreamId, type Place, type TaggedPlace } from './stream-id.js';
import type { StreamRequest } from './stream-request.js';

/** What the id that a client comes back with says of the events of its stream. */
export class ToldPlaces {
  constructor(
    /** Whether it has brought one at all. */
    readonly hasId: boolean,
    /** Whether nothing of the stream is left. */
    readonly isOver: boolean,
    private readonly places: ReadonlyMap<EventGuid, Place> = new Map(),
  ) {}

  /** Whether it says anything that a durable subscriber could acknowledge. */
  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** How far it has come with the event; `undefined` where that cannot be told. */
  of(eventguid: EventGuid): Place | undefined {
    return this.places.get(eventguid);
  }
}

/** Rejects with `relay-unavailable` where the epochs of several events have to be looked up and cannot be. */
export async function readToldPlaces(
  { cookies, lastEventId }: Pick<StreamRequest, 'cookies' | 'lastEventId'>,
  hub: Pick<Hub, 'epochs'>,
): Promise<ToldPlaces> {
  if (lastEventId === undefined) return new ToldPlaces(false, false);
  const eventguids = [...cookies.keys()];
  const told = parseStreamId(lastEventId, eventguids);
  if (told.kind === 'over' || told.kind === 'foreign') return new ToldPlaces(true, told.kind === 'over');
  const places = told.kind === 'place' ? [told.place] : resolve(told.places, await hub.epochs(eventguids));
  const known = new Map<EventGuid, Place>();
  for (const [index, eventguid] of eventguids.entries()) {
    const place = places[index];
    if (place) known.set(eventguid, place);
  }
  return new ToldPlaces(
    true,
    places.every((place) => place?.over),
    known,
  );
}

/** Of an epoch that is kept no more nothing can be recovered; what is over stays over. */
function resolve(
  places: readonly TaggedPlace[],
  epochs: readonly (readonly string[])[],
): readonly (Place | undefined)[] {
  return places.map(({ tag, offset, over }, index) => {
    const epoch = epochs[index]?.find((one) => epochTag(one) === tag);
    if (epoch === undefined && !over) return undefined;
    return { epoch: epoch ?? '', offset, over };
  });
}
