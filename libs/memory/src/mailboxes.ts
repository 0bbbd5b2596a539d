import type { EventGuid } from '@ringback/contract';
import type { Relayed, RelayListener, StoredSubscription } from '@ringback/core';
import type { Mailbox } from './mailbox.js';

/** The mailboxes of all nodes: what is posted here reaches each node that follows the event. */
export class Mailboxes {
  private readonly all: Mailbox[] = [];

  add(mailbox: Mailbox): void {
    this.all.push(mailbox);
  }

  /** Answers how many nodes it reaches. */
  envelope(relayed: Relayed): number {
    return this.post(relayed.envelope.eventguid, (listener) => listener.onEnvelope(relayed));
  }

  removal({ eventguid, subscriber, subscriptionId }: StoredSubscription): void {
    this.post(eventguid, (listener) => listener.onRemoved(eventguid, subscriber, subscriptionId));
  }

  /** Says that a subscription was made or has ended, if it takes part in presence. */
  presence(
    kind: 'join' | 'leave',
    { eventguid, subscriber, presence }: Pick<StoredSubscription, 'eventguid' | 'subscriber' | 'presence'>,
  ): void {
    if (!presence) return;
    this.post(eventguid, (listener) => listener.onPresence(eventguid, { kind, member: subscriber }));
  }

  /** Resolves once all that has been posted before is handed over. */
  async flushed(): Promise<void> {
    await Promise.all(this.all.map((mailbox) => mailbox.flushed()));
  }

  private post(eventguid: EventGuid, hand: (listener: RelayListener) => void): number {
    return this.all.filter((mailbox) => mailbox.post(eventguid, hand)).length;
  }
}
