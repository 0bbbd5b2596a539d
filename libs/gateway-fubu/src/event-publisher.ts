import { Inject, Injectable } from '@nestjs/common';
import { APPLICATION, Hub } from '@ringback/core';
import type { EventQueue } from './event-queue.js';
import { parsePublished } from './published-event.js';
import { publishAll } from './publishing.js';
import type { StreamEvent } from './stream-event.js';
import type { TopicReference } from './topic.js';
import { TopicRegistry } from './topic-registry.js';

/** Asks the queue of a topic what is to be published. */
export type EventsFromQueue<Queue extends EventQueue> = (
  queue: Queue,
) => readonly StreamEvent[] | Promise<readonly StreamEvent[]>;

/** Publishes to topics, for the application that the gateway runs in: it may do everything. */
@Injectable()
export class EventPublisher {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(TopicRegistry) private readonly topics: TopicRegistry,
  ) {}

  /**
   * Publishes in the order given. Resolves to the positions, `epoch:offset`, once all are kept and on their way. Rejects with a `HubError`: nothing is
   * published if one of them is none, or if there is no such topic.
   */
  writeTo(topic: TopicReference, ...events: readonly StreamEvent[]): Promise<readonly string[]>;
  /** Publishes what the callback makes with the queue of the topic, which may have operations of its own. Also rejects as the callback does. */
  writeTo<Queue extends EventQueue>(
    topic: TopicReference,
    events: EventsFromQueue<Queue>,
  ): Promise<readonly string[]>;
  async writeTo(
    reference: TopicReference,
    ...events: readonly (StreamEvent | EventsFromQueue<EventQueue>)[]
  ): Promise<readonly string[]> {
    const { value, queue } = this.topics.resolve(reference);
    const [first] = events;
    const published = typeof first === 'function' ? await first(queue) : events;
    return publishAll(this.hub, APPLICATION, parsePublished(published, value.eventguid, this.hub.limits));
  }
}
