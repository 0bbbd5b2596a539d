import { KEPT_EVENTS, type EventQueue } from './event-queue.js';
import type { EventWriter } from './event-writer.js';
import type { StreamEvent } from './stream-event.js';
import type { TopicDefinition } from './topic.definition.js';
import type { TopicValue } from './topic-type.js';

/** A topic type with code of its own, as a provider of the application: `FubuGatewayModule.forRoot({ topics: [CallsTopic] })`. */
export abstract class Topic {
  /** What it has beside a name; the name is that of the class, unless it is given. */
  static readonly definition?: Partial<TopicDefinition>;

  /** What its clients are sent first of what is kept. */
  readonly queue: EventQueue = KEPT_EVENTS;
  /** Writes its events. Absent: that of the definition, else of the gateway. */
  readonly writer?: EventWriter;

  /** Names one topic of the type, for `EventPublisher.writeTo`. */
  static of(this: TopicClass, parameters: Readonly<Record<string, unknown>> = {}): TopicReference {
    return { topic: this, parameters };
  }

  /**
   * What a client is sent before all that is kept, a snapshot for instance. If the last of it has an id, what is kept goes on after that. Whoever comes is
   * refused if it rejects.
   */
  initialize(_topic: TopicValue): readonly StreamEvent[] | Promise<readonly StreamEvent[]> {
    return [];
  }
}

/** A class of topics. Its dependencies are those of any provider. */
export interface TopicClass {
  new (...dependencies: never[]): Topic;
  readonly name: string;
  readonly definition?: Partial<TopicDefinition>;
}

/** One topic: its type, by its class or by a name, and its parameters. */
export interface TopicReference {
  readonly topic: TopicClass | string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export function definitionOf(topic: TopicClass | TopicDefinition): TopicDefinition {
  return typeof topic === 'function' ? { name: topic.name, ...topic.definition } : topic;
}
