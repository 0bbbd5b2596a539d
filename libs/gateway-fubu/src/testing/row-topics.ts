import type { Arrival, EventQueue } from '../event-queue.js';
import { FUBU_WRITER, type EventWriter } from '../event-writer.js';
import type { KeptEvent, StreamEvent } from '../stream-event.js';
import { Topic, type TopicClass } from '../topic.js';
import type { TopicValue } from '../topic-type.js';
import type { TopicDefinition } from '../topic.definition.js';

export class FakeTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Id' }] };
}

export class DifferentTopic extends Topic {
  static override readonly definition = { path: [{ name: 'Name' }] };
}

export class SimpleTopic extends Topic {
  static override readonly definition = { query: [{ name: 'SomeId', type: 'guid' as const }] };
}

/** Sends what was put under its id. */
export class GreetingTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Id' }] };
  static readonly events = new Map<unknown, readonly StreamEvent[]>();

  override async initialize({ parameters }: TopicValue): Promise<readonly StreamEvent[]> {
    return GreetingTopic.events.get(parameters['Id']) ?? [];
  }
}

export class RudeTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Id' }] };

  override initialize(): Promise<readonly StreamEvent[]> {
    return Promise.reject(new Error('nobody is greeted'));
  }
}

export const UNWRITABLE = 'unwritable';

export class FaultyTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Id' }] };
  override readonly writer: EventWriter = {
    write(event) {
      if (event.data === UNWRITABLE) throw new Error('this cannot be written');
      return FUBU_WRITER.write(event);
    },
  };
}

/** Has its clients begin with the newest event. */
class NewestOnly implements EventQueue {
  find(kept: readonly KeptEvent[], { lastEventId }: Arrival): readonly StreamEvent[] {
    return kept.slice(-1).filter(({ id }) => id !== lastEventId);
  }

  /** An operation of its own. */
  twice(event: StreamEvent): readonly StreamEvent[] {
    return [event, { ...event, id: `${event.id} again` }];
  }
}

export class PricesTopic extends Topic {
  static override readonly definition = { query: [{ name: 'Id' }] };
  override readonly queue = new NewestOnly();
}

export const ROW_TOPICS: readonly TopicClass[] = [
  FakeTopic,
  DifferentTopic,
  SimpleTopic,
  GreetingTopic,
  RudeTopic,
  FaultyTopic,
  PricesTopic,
];

/** One without a class. */
export const STANDARD_TOPIC: TopicDefinition = {
  name: 'StandardTopic',
  query: [{ name: 'Id' }],
  writer: 'w3c',
};
