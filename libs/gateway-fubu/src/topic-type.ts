import { HubError, parseEventGuid, type EventGuid } from '@ringback/contract';
import { StartupError } from '@ringback/settings';
import { EventGuidPattern, fillTemplate, wildcardPattern } from './eventguid-pattern.js';
import { Parameter } from './parameter.js';
import type { ParameterValue, TopicDefinition } from './topic.definition.js';

/** A topic: which one of its type, and the event of the hub that it is. */
export interface TopicValue {
  /** The full name of its type. */
  readonly name: string;
  /** By their names as they were declared. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly eventguid: EventGuid;
}

/** What the eventguids of all topics begin with that have no template. */
const PREFIX = '_events/';

const NAME = /^[A-Za-z][0-9A-Za-z_.-]{0,63}$/;
/** What the gateway itself reads of a query. */
const OWN_NAMES: ReadonlySet<string> = new Set(['access_token', 'lasteventid']);

/** All topics of one name: from a URL, or from values, to the event of the hub, the same on every node. */
export class TopicType {
  readonly name: string;
  /** In small letters, without `topic`: what its URL is generated with. */
  readonly strippedName: string;
  private readonly path: readonly Parameter[];
  private readonly parameters: readonly Parameter[];

  /** Throws `StartupError`. */
  constructor(readonly definition: TopicDefinition) {
    const { name, path = [], query = [] } = definition;
    this.name = name;
    this.strippedName = name.toLowerCase().replaceAll('topic', '');
    this.path = path.map((one) => new Parameter(one));
    this.parameters = [...this.path, ...query.map((one) => new Parameter(one))];
    for (const one of [name, this.strippedName, ...(definition.aliases ?? [])]) assertName(one);
    assertParameters(this.parameters);
    for (const pattern of this.historyPatterns)
      if (pattern === '') throw new StartupError('Its eventguid is empty.');
    this.eventGuidPatterns(); // throws for a name that it does not know
  }

  /** In small letters. */
  get spellings(): readonly string[] {
    const { aliases = [] } = this.definition;
    return [...new Set([this.name, this.strippedName, ...aliases].map((one) => one.toLowerCase()))];
  }

  /** Its URL, relative to that of the gateway's. */
  get route(): string {
    return [this.strippedName, ...this.path.map(({ name }) => `{${name}}`)].join('/');
  }

  /** What the eventguids of its topics match, where `*` stands for any text. */
  get historyPatterns(): readonly string[] {
    const { eventguid } = this.definition;
    return eventguid === undefined ? [this.plain, `${this.plain}?*`] : [wildcardPattern(eventguid)];
  }

  /** Throws `StartupError` if its template names what it does not have. */
  eventGuidPatterns(): readonly EventGuidPattern[] {
    const { eventguid } = this.definition;
    if (eventguid !== undefined) return [EventGuidPattern.of(eventguid, this.parameters)];
    return [EventGuidPattern.of(this.plain, []), EventGuidPattern.beginningWith(`${this.plain}?`)];
  }

  /** The topic that a URL names. What of the query is none of its parameters is passed over. Throws `bad-request`, `bad-eventguid` or `not-found`. */
  bind(segments: readonly string[], query: URLSearchParams): TopicValue {
    if (segments.length > this.path.length)
      throw new HubError('not-found', `There is no such path; the topic is at ${this.route}.`);
    const given = queryValues(query);
    for (const [index, segment] of segments.entries()) {
      const { key } = this.path[index] as Parameter;
      if (segment !== '') given.set(key, segment);
    }
    return this.make(given);
  }

  /** The topic with these values. Throws `bad-request`, also for a name that it does not have, or `bad-eventguid`. */
  with(values: Readonly<Record<string, unknown>>): TopicValue {
    const known = new Set(this.parameters.map(({ key }) => key));
    for (const name of Object.keys(values))
      if (!known.has(name.toLowerCase()))
        throw new HubError('bad-request', `${this.name} has no ${JSON.stringify(name.slice(0, 64))}.`);
    return this.make(new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value])));
  }

  private get plain(): string {
    return PREFIX + this.strippedName;
  }

  private make(given: ReadonlyMap<string, unknown>): TopicValue {
    const parameters: Record<string, ParameterValue> = {};
    for (const one of this.parameters) parameters[one.name] = one.read(given.get(one.key));
    return { name: this.name, parameters, eventguid: parseEventGuid(this.eventguidOf(parameters)) };
  }

  private eventguidOf(values: Readonly<Record<string, ParameterValue>>): string {
    const { eventguid } = this.definition;
    if (eventguid === undefined) return this.plainEventguid(values);
    const names = new Map(this.parameters.map(({ key, name }) => [key, name]));
    return fillTemplate(eventguid, (name) => String(values[names.get(name.toLowerCase()) ?? ''] ?? ''));
  }

  /** What is at its default is left out: it is one topic whether or not it was given. */
  private plainEventguid(values: Readonly<Record<string, ParameterValue>>): string {
    const given = this.parameters.filter((one) => values[one.name] !== one.default);
    const pairs = given.map(({ name }) => `${name}=${encodeURIComponent(String(values[name]))}`);
    return pairs.length === 0 ? this.plain : `${this.plain}?${pairs.join('&')}`;
  }
}

/** By their names in small letters. Throws `bad-request` for what is given twice: it could be either. */
function queryValues(query: URLSearchParams): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [name, value] of query) {
    const key = name.toLowerCase();
    if (values.has(key) && !OWN_NAMES.has(key))
      throw new HubError('bad-request', `The query names ${JSON.stringify(name.slice(0, 64))} twice.`);
    values.set(key, value);
  }
  return values;
}

function assertName(name: string): void {
  if (!NAME.test(name))
    throw new StartupError(
      `${JSON.stringify(name)} is no name of a topic: 1–64 of 0-9 A-Z a-z . _ -, a letter first.`,
    );
}

function assertParameters(parameters: readonly Parameter[]): void {
  const known = new Set<string>();
  for (const { key, name } of parameters) {
    if (OWN_NAMES.has(key)) throw new StartupError(`The gateway itself reads ${name}.`);
    if (known.has(key)) throw new StartupError(`There are two parameters ${name}.`);
    known.add(key);
  }
}
