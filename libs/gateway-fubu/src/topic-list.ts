import { InvalidSettingError, parseJsonList, type Setting, type SettingInfo } from '@ringback/settings';
import { assertDistinct, makeType } from './topic-registry.js';
import {
  PARAMETER_TYPES,
  WRITERS,
  type ParameterDefinition,
  type TopicDefinition,
} from './topic.definition.js';

type Item = Readonly<Record<string, unknown>>;

const KEYS = ['name', 'aliases', 'path', 'query', 'eventguid', 'retention', 'writer'];
const PARAMETER_KEYS = ['name', 'type', 'default'];
const RETENTION_KEYS = ['envelopes', 'ageMs', 'bytes'];

/** A list of topics in JSON. */
export function topicList(info: SettingInfo): Setting<readonly TopicDefinition[]> {
  return {
    ...info,
    allowed:
      'JSON like [{"name":"CallsTopic","aliases":["phone"],"path":[{"name":"Team"}],"query":[{"name":"Line","type":"integer","default":1}],"eventguid":"calls-{Team}-{Line}","retention":{"envelopes":100,"ageMs":60000},"writer":"w3c"}], where only the name is needed',
    parse: (text) => {
      const topics = parseJsonList(text).map((item, index) =>
        parseTopic(item, `has an entry, number ${index + 1},`),
      );
      assertServable(topics);
      return topics;
    },
  };
}

function assertServable(topics: readonly TopicDefinition[]): void {
  try {
    assertDistinct(topics.map(makeType));
  } catch (cause) {
    throw new InvalidSettingError(`has a fault: ${(cause as Error).message.replace(/\.$/, '')}`, { cause });
  }
}

function parseTopic(item: unknown, where: string): TopicDefinition {
  const said = objectOf(item, KEYS, where);
  const { name, aliases, path, query, eventguid, retention, writer } = said;
  if (typeof name !== 'string') throw new InvalidSettingError(`${where} without a name`);
  if (eventguid !== undefined && typeof eventguid !== 'string')
    throw new InvalidSettingError(`${where} whose eventguid is no text`);
  const known = WRITERS.find((one) => one === writer);
  if (writer !== undefined && !known)
    throw new InvalidSettingError(`${where} whose writer is none of ${WRITERS.join(', ')}`);
  return {
    name,
    ...(aliases !== undefined && { aliases: textsOf(aliases, where) }),
    ...(path !== undefined && { path: parametersOf(path, where) }),
    ...(query !== undefined && { query: parametersOf(query, where) }),
    ...(eventguid !== undefined && { eventguid }),
    ...(retention !== undefined && { retention: retentionOf(retention, where) }),
    ...(known && { writer: known }),
  };
}

function parametersOf(value: unknown, where: string): readonly ParameterDefinition[] {
  return listOf(value, where).map((item) => parseParameter(item, `${where} with a parameter`));
}

function parseParameter(item: unknown, where: string): ParameterDefinition {
  const { name, type, default: fallback } = objectOf(item, PARAMETER_KEYS, where);
  const known = PARAMETER_TYPES.find((one) => one === type);
  if (typeof name !== 'string') throw new InvalidSettingError(`${where} without a name`);
  if (type !== undefined && !known)
    throw new InvalidSettingError(`${where} whose type is none of ${PARAMETER_TYPES.join(', ')}`);
  if (!['undefined', 'string', 'number', 'boolean'].includes(typeof fallback))
    throw new InvalidSettingError(`${where} whose default is no text, number or boolean`);
  return {
    name,
    ...(known && { type: known }),
    ...(fallback !== undefined && { default: fallback as string | number | boolean }),
  };
}

function retentionOf(value: unknown, where: string): NonNullable<TopicDefinition['retention']> {
  const said = objectOf(value, RETENTION_KEYS, `${where} with a retention`);
  for (const limit of Object.values(said))
    if (!Number.isSafeInteger(limit) || Number(limit) < 1)
      throw new InvalidSettingError(`${where} with a retention that is not a whole number of at least 1`);
  return said;
}

function textsOf(value: unknown, where: string): readonly string[] {
  return listOf(value, where).map((text) => {
    if (typeof text !== 'string') throw new InvalidSettingError(`${where} with an alias that is no text`);
    return text;
  });
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidSettingError(`${where} with something else than a list`);
  return value as unknown[];
}

function objectOf(value: unknown, known: readonly string[], where: string): Item {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidSettingError(`${where} that is no object`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new InvalidSettingError(`${where} that has a key which is none of ${known.join(', ')}`);
  return value as Item;
}
