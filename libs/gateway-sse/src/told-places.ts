import type { EventGuid } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { parseJournalId } from './journal-id.js';
import {
  epochTag,
  MAX_LISTED_EVENTS,
  OVER,
  parseStreamId,
  type Place,
  type TaggedPlace,
} from './stream-id.js';
import type { StreamJournals } from './stream-journals.js';

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

/** A stream whose client may come back. */
export interface ReturnedStream {
  readonly eventguids: readonly EventGuid[];
  /** Whose journal it has, if it has one. */
  readonly owner: string;
  readonly lastEventId: string | undefined;
}

/** Reads what ids say. */
export class ToldPlacesReader {
  constructor(
    private readonly hub: Pick<Hub, 'epochs'>,
    private readonly journals: StreamJournals,
  ) {}

  /** Rejects with `relay-unavailable` where something has to be looked up for it and cannot be. */
  async read({ eventguids, owner, lastEventId }: ReturnedStream): Promise<ToldPlaces> {
    if (lastEventId === undefined) return new ToldPlaces(false, false);
    if (lastEventId === OVER) return new ToldPlaces(true, true);
    const places = await this.placesOf(lastEventId, eventguids, owner);
    if (!places) return new ToldPlaces(true, false);
    const known = new Map<EventGuid, Place>();
    for (const [index, eventguid] of eventguids.entries()) {
      const place = places[index];
      if (place) known.set(eventguid, place);
    }
    const isOver = places.every((place) => place?.over);
    return new ToldPlaces(true, isOver, known);
  }

  /** `undefined` for an id of something else. */
  private async placesOf(
    text: string,
    eventguids: readonly EventGuid[],
    owner: string,
  ): Promise<readonly (Place | undefined)[] | undefined> {
    if (eventguids.length > MAX_LISTED_EVENTS) {
      const id = parseJournalId(text);
      return id && this.journals.placesOf(id, owner);
    }
    const told = parseStreamId(text, eventguids);
    if (told.kind === 'place') return [told.place];
    return told.kind === 'places' ? resolve(told.places, await this.hub.epochs(eventguids)) : undefined;
  }
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
