import {
  HubError,
  type Envelope,
  type EventGuid,
  type Position,
  type Published,
  type TraceContext,
  type Trigger,
} from '@ringback/contract';
import type {
  Clock,
  Missed,
  Page,
  PageRequest,
  ReceiptRequest,
  Relay,
  RelayListener,
  Standing,
} from '@ringback/core';
import type { EventTable } from './event-table.js';
import type { Mailbox } from './mailbox.js';
import type { Mailboxes } from './mailboxes.js';

/** The relay of one node over what the nodes of a `MemoryCluster` share. */
export class MemoryRelay implements Relay {
  constructor(
    private readonly events: EventTable,
    private readonly mailbox: Mailbox,
    private readonly mailboxes: Mailboxes,
    private readonly clock: Clock,
  ) {}

  // One synchronous piece: nothing comes between its steps, as in one script.
  async publish(trigger: Trigger, receipt?: ReceiptRequest, trace?: TraceContext): Promise<Published> {
    const now = this.clock.now();
    const event = this.events.open(trigger.eventguid);
    const answered = event.answers.get(trigger.key ?? '', now);
    if (answered) return answered;
    if (trigger.key && this.events.budget.keysFull) throw new HubError('memory-full');
    const { relayed, position, subscribers } = event.accept(trigger, now);
    const nodes = this.mailboxes.envelope({
      ...relayed,
      ...(receipt && { receipt }),
      ...(trace && { trace }),
    });
    const published = { position, subscribers, nodes };
    if (trigger.key) event.answers.set(trigger.key, published, now);
    this.events.appended(event);
    return published;
  }

  shardOf(): string {
    return 'memory';
  }

  async follow(eventguid: EventGuid): Promise<void> {
    this.mailbox.follow(eventguid);
  }

  async unfollow(eventguid: EventGuid): Promise<void> {
    this.mailbox.unfollow(eventguid);
  }

  async since(eventguid: EventGuid, after: Position): Promise<Missed> {
    return this.events.find(eventguid)?.since(after) ?? 'lost';
  }

  async standings(eventguids: readonly EventGuid[]): Promise<readonly (Standing | undefined)[]> {
    const standings = eventguids.map((eventguid) => this.events.find(eventguid)?.standing);
    await this.mailbox.flushed();
    return standings;
  }

  async history(eventguid: EventGuid, page: PageRequest): Promise<Page<Envelope>> {
    return this.events.find(eventguid)?.history.page(page) ?? { items: [] };
  }

  listen(listener: RelayListener): void {
    this.mailbox.listen(listener);
  }
}
