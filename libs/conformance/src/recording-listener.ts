import type { EventGuid } from '@ringback/contract';
import type { Relayed, RelayListener } from '@ringback/core';
import type { NodePorts } from './port-cluster.js';

/** A removal as a node heard of it. */
export interface HeardRemoval {
  readonly eventguid: EventGuid;
  readonly subscriber: string;
  readonly subscriptionId: string;
}

/** A join or leave as a node heard of it. */
export interface HeardPresence {
  readonly eventguid: EventGuid;
  readonly kind: 'join' | 'leave';
  readonly member: string;
}

/** Keeps all that a node hears. */
export class RecordingListener implements RelayListener {
  readonly relayed: Relayed[] = [];
  readonly removed: HeardRemoval[] = [];
  readonly presence: HeardPresence[] = [];
  readonly doubted: EventGuid[] = [];
  failovers = 0;

  /** Listens at the node, which may follow events from then on. */
  static at(node: NodePorts): RecordingListener {
    const listener = new RecordingListener();
    node.relay.listen(listener);
    return listener;
  }

  onEnvelope(relayed: Relayed): void {
    this.relayed.push(relayed);
  }

  onRemoved(eventguid: EventGuid, subscriber: string, subscriptionId: string): void {
    this.removed.push({ eventguid, subscriber, subscriptionId });
  }

  onPresence(
    eventguid: EventGuid,
    change: { readonly kind: 'join' | 'leave'; readonly member: string },
  ): void {
    this.presence.push({ eventguid, ...change });
  }

  onDoubt(eventguids: readonly EventGuid[]): void {
    this.doubted.push(...eventguids);
  }

  onFailover(): void {
    this.failovers++;
  }

  /** The data of what it heard of the event, in order of arrival. */
  data(eventguid: EventGuid): readonly unknown[] {
    return this.of(eventguid).map(({ envelope }) => envelope.data);
  }

  offsets(eventguid: EventGuid): readonly number[] {
    return this.of(eventguid).map(({ envelope }) => envelope.position.offset);
  }

  private of(eventguid: EventGuid): readonly Relayed[] {
    return this.relayed.filter(({ envelope }) => envelope.eventguid === eventguid);
  }
}
