import type { EventGuid, Position } from '@ringback/contract';
import { historyUpTo, type Hub, type Identity } from '@ringback/core';
import { eventOf, type KeptEvent } from './stream-event.js';

type Reading = Promise<readonly KeptEvent[]>;

interface EventReads {
  readonly running: Reading;
  /** Begins when the one that runs has ended: for those who came meanwhile. */
  next?: Reading;
}

/** Reads what is kept of events, for many clients that come at once: of each event at most one reading is under way, and one waits. */
export class HistoryReads {
  private readonly events = new Map<EventGuid, EventReads>();

  constructor(private readonly hub: Pick<Hub, 'history'>) {}

  /** What is kept up to the position, oldest first, as it was read after this was called. Rejects as `Hub.history` does. */
  async read(identity: Identity, eventguid: EventGuid, upTo: Position): Promise<readonly KeptEvent[]> {
    return historyUpTo(await this.join(identity, eventguid), upTo);
  }

  /** What runs already may have passed by what came since. */
  private join(identity: Identity, eventguid: EventGuid): Reading {
    const event = this.events.get(eventguid);
    if (!event) return this.begin(identity, eventguid);
    const begin = (): Reading => this.begin(identity, eventguid);
    return (event.next ??= event.running.then(begin, begin));
  }

  private begin(identity: Identity, eventguid: EventGuid): Reading {
    const running = this.readNow(identity, eventguid);
    const event: EventReads = { running };
    this.events.set(eventguid, event);
    const end = (): void => {
      if (!event.next) this.events.delete(eventguid);
    };
    running.then(end, end);
    return running;
  }

  private async readNow(identity: Identity, eventguid: EventGuid): Reading {
    return (await this.hub.history(identity, eventguid)).map(eventOf);
  }
}
