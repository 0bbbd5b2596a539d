import { HubError } from '@ringback/contract';
import { StartupError } from '@ringback/settings';
import { KEPT_EVENTS, type EventQueue } from './event-queue.js';
import { EventCodec } from './event.codec.js';
import { NAMED_WRITERS } from './event-writer.js';
import type { StreamEvent } from './stream-event.js';
import { definitionOf, type Topic, type TopicClass, type TopicReference } from './topic.js';
import type { TopicDefinition, WriterName } from './topic.definition.js';
import { TopicType, type TopicValue } from './topic-type.js';

/** One topic, and how it is served. */
export interface ServedTopic {
  readonly value: TopicValue;
  readonly codec: EventCodec;
  readonly queue: EventQueue;
  initialize(): readonly StreamEvent[] | Promise<readonly StreamEvent[]>;
}

/** A topic type, with the code of the application for it, if there is any. */
interface ServedType {
  readonly type: TopicType;
  readonly codec: EventCodec;
  readonly topic: Topic | undefined;
}

/** A topic of the application: its definition, or its class and the one object of it. */
export type RegisteredTopic = TopicDefinition | { readonly class: TopicClass; readonly topic: Topic };

export interface RegistryOptions {
  /** Of topics that do not say which. */
  readonly writer: WriterName;
  readonly reportError: (error: unknown) => unknown;
}

/** All topic types of a node, by each of their names. */
export class TopicRegistry {
  private readonly bySpelling = new Map<string, ServedType>();
  private readonly byClass = new Map<TopicClass, ServedType>();

  /** Throws `StartupError` for types that are none, or that cannot be told apart. */
  constructor(topics: readonly RegisteredTopic[], options: RegistryOptions) {
    const types = topics.map((one) => makeType('class' in one ? definitionOf(one.class) : one));
    assertDistinct(types);
    for (const [index, one] of topics.entries()) this.add(one, types[index] as TopicType, options);
  }

  /** The topic that a URL names: what follows the path of the gateway, not decoded yet, and the query. Throws `not-found`, `bad-request` or `bad-eventguid`. */
  bind(path: string, query: URLSearchParams): ServedTopic {
    const [name = '', ...segments] = path.replace(/\/$/, '').split('/').map(decode);
    const served = this.bySpelling.get(name.toLowerCase());
    if (!served) throw new HubError('not-found', 'There is no such topic.');
    return serve(served, served.type.bind(segments, query));
  }

  /** The topic that the application names. Throws as `bind` does. */
  resolve({ topic, parameters = {} }: TopicReference): ServedTopic {
    const served =
      typeof topic === 'string' ? this.bySpelling.get(topic.toLowerCase()) : this.byClass.get(topic);
    if (!served) throw new HubError('not-found', 'There is no such topic.');
    return serve(served, served.type.with(parameters));
  }

  private add(registered: RegisteredTopic, type: TopicType, { writer, reportError }: RegistryOptions): void {
    const topic = 'class' in registered ? registered.topic : undefined;
    const used = topic?.writer ?? NAMED_WRITERS[type.definition.writer ?? writer];
    const served = { type, topic, codec: new EventCodec(used, reportError) };
    for (const spelling of type.spellings) this.bySpelling.set(spelling, served);
    if ('class' in registered) this.byClass.set(registered.class, served);
  }
}

/** Throws `StartupError` that names the topic. */
export function makeType(definition: TopicDefinition): TopicType {
  try {
    return new TopicType(definition);
  } catch (cause) {
    throw new StartupError(`The topic ${JSON.stringify(definition.name)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** No two types may have one name in a URL, nor one event of the hub. */
export function assertDistinct(types: readonly TopicType[]): void {
  for (const [index, one] of types.entries())
    for (const other of types.slice(index + 1)) {
      const shared = one.spellings.find((spelling) => other.spellings.includes(spelling));
      if (shared !== undefined)
        throw new StartupError(`The topics ${one.name} and ${other.name} are both found at ${shared}.`);
      if (haveOneEvent(one, other))
        throw new StartupError(
          `The topics ${one.name} and ${other.name} may be one event: their eventguids can be alike.`,
        );
    }
}

function haveOneEvent(one: TopicType, other: TopicType): boolean {
  const theirs = other.eventGuidPatterns();
  return one.eventGuidPatterns().some((mine) => theirs.some((pattern) => mine.meets(pattern)));
}

function serve({ topic, codec }: ServedType, value: TopicValue): ServedTopic {
  return {
    value,
    codec,
    queue: topic?.queue ?? KEPT_EVENTS,
    initialize: () => topic?.initialize(value) ?? [],
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new HubError('bad-request', 'The path is not percent-encoded UTF-8.', { cause });
  }
}
