import type { Position } from '@ringback/contract';
import { Acknowledgements, type AcknowledgementParts } from './acknowledgements.js';
import type { LinkDelivery } from './delivery.js';
import type { Handover, OnHanding } from './handover.js';
import { Inbox, type InboxContext } from './inbox.js';
import type { ActiveSubscription } from './subscription.js';

/** The parts of the client that inboxes work with, and what they tell. */
export interface InboxesParts extends Omit<AcknowledgementParts, 'onSettled'> {
  readonly onHanding: OnHanding;
  onRoom(): void;
}

/** The handover of a client with a session: an inbox for each event, which do not wait for each other, and what is acknowledged of them. */
export class Inboxes implements Handover {
  private readonly byEvent = new Map<string, Inbox>();
  private readonly acknowledgements: Acknowledgements;
  private readonly context: InboxContext;

  constructor(parts: InboxesParts) {
    this.acknowledgements = new Acknowledgements({
      ...parts,
      onSettled: (eventguid) => this.tidy(eventguid),
    });
    this.context = {
      ...parts,
      onProcessed: (eventguid, position) => this.acknowledgements.note(eventguid, position),
      onIdle: (eventguid) => this.tidy(eventguid),
    };
  }

  hasRoom(eventguid: string): boolean {
    return this.byEvent.get(eventguid)?.hasRoom ?? true;
  }

  take(subscription: ActiveSubscription, delivery: LinkDelivery): void {
    const { eventguid } = subscription;
    const inbox = this.byEvent.get(eventguid) ?? new Inbox(eventguid, this.context);
    this.byEvent.set(eventguid, inbox);
    inbox.take(subscription, delivery);
  }

  overrun(eventguid: string): void {
    this.byEvent.get(eventguid)?.overrun();
  }

  known(eventguid: string): Position | undefined {
    return this.byEvent.get(eventguid)?.last;
  }

  stored(eventguid: string): void {
    this.acknowledgements.tell(eventguid);
  }

  linked(): void {
    this.acknowledgements.tellAll();
  }

  lost(): void {
    this.acknowledgements.lost();
  }

  drop(eventguid: string): void {
    this.byEvent.get(eventguid)?.clear();
    this.acknowledgements.forget(eventguid);
    this.tidy(eventguid);
  }

  close(): void {
    for (const eventguid of this.byEvent.keys()) this.drop(eventguid);
  }

  /** An inbox stays while the hub might deliver again what was in it. */
  private tidy(eventguid: string): void {
    if (!this.acknowledgements.isOwed(eventguid) && this.byEvent.get(eventguid)?.idle) {
      this.byEvent.delete(eventguid);
    }
  }
}
