import { HubError, parseEventGuid } from '@ringback/contract';
import { InvalidSettingError, parseJsonList, type Setting, type SettingInfo } from '@ringback/settings';
import type { BridgeConfig } from './bridge.config.js';

type Item = Readonly<Record<string, unknown>>;

const KINDS = ['ringback', 'event-hub'] as const;
const LISTS = ['subscribe', 'subscribeOnDemand', 'trigger'] as const;
const KEYS = ['name', 'kind', 'url', 'isHubUrl', 'token', 'maxDuplicatesPerSecond', ...LISTS];
const NAME = /^[0-9A-Za-z_-]{1,32}$/;

/** A list of bridges in JSON. Problems name an entry by its number: the text around a mistake may be a token. */
export function bridgeList(info: SettingInfo): Setting<readonly BridgeConfig[]> {
  return {
    ...info,
    allowed:
      'JSON like [{"name":"head-office","kind":"ringback","url":"https://hub.example","token":"…","subscribe":["price"],"subscribeOnDemand":["order-*"],"trigger":["alarm"]}], where kind is ringback or event-hub',
    parse: (text) => {
      const bridges = parseJsonList(text).map((item, index) =>
        parseBridge(item, `has an entry, number ${index + 1},`),
      );
      if (new Set(bridges.map(({ name }) => name)).size < bridges.length)
        throw new InvalidSettingError('gives one name to two bridges');
      return bridges;
    },
  };
}

function parseBridge(item: unknown, where: string): BridgeConfig {
  if (typeof item !== 'object' || item === null) throw new InvalidSettingError(`${where} that is no object`);
  const said = item as Item;
  if (Object.keys(said).some((key) => !KEYS.includes(key)))
    throw new InvalidSettingError(`${where} that has a key which is none of ${KEYS.join(', ')}`);
  const kind = KINDS.find((known) => known === said['kind']);
  if (!kind) throw new InvalidSettingError(`${where} whose kind is none of ${KINDS.join(', ')}`);
  const lists = {
    subscribe: parseTexts(said, 'subscribe', where, eventguidProblem),
    subscribeOnDemand: parseTexts(said, 'subscribeOnDemand', where, patternProblem),
    trigger: parseTexts(said, 'trigger', where, eventguidProblem),
  };
  if (LISTS.every((name) => lists[name].length === 0))
    throw new InvalidSettingError(`${where} that carries nothing: it has none of ${LISTS.join(', ')}`);
  return {
    name: parseName(said, where),
    kind,
    url: parseUrl(said, where),
    ...parseOptions(said, where),
    ...lists,
  };
}

function parseName({ name }: Item, where: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new InvalidSettingError(`${where} whose name is not 1–32 of 0-9 A-Z a-z _ -`);
}

function parseUrl({ url }: Item, where: string): string {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol))
    throw new InvalidSettingError(`${where} whose url is not http://… or https://…`);
  if (parsed.username !== '' || parsed.password !== '' || parsed.hash !== '')
    throw new InvalidSettingError(`${where} whose url has more than host, path and query`);
  return parsed.href;
}

function parseOptions(
  { kind, token, isHubUrl, maxDuplicatesPerSecond }: Item,
  where: string,
): Pick<BridgeConfig, 'token' | 'isHubUrl' | 'maxDuplicatesPerSecond'> {
  if (token !== undefined && (typeof token !== 'string' || !/^[!-~]+$/.test(token)))
    throw new InvalidSettingError(`${where} whose token is not text of visible ASCII`);
  if (kind !== 'event-hub' && (isHubUrl !== undefined || maxDuplicatesPerSecond !== undefined))
    throw new InvalidSettingError(
      `${where} that has isHubUrl or maxDuplicatesPerSecond without the kind event-hub`,
    );
  if (isHubUrl !== undefined && typeof isHubUrl !== 'boolean')
    throw new InvalidSettingError(`${where} whose isHubUrl is neither true nor false`);
  if (maxDuplicatesPerSecond !== undefined && !isCount(maxDuplicatesPerSecond))
    throw new InvalidSettingError(
      `${where} whose maxDuplicatesPerSecond is not a whole number of at least 1`,
    );
  return {
    ...(token !== undefined && { token }),
    ...(isHubUrl !== undefined && { isHubUrl }),
    ...(maxDuplicatesPerSecond !== undefined && { maxDuplicatesPerSecond }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1;
}

function parseTexts(
  said: Item,
  name: (typeof LISTS)[number],
  where: string,
  problemOf: (text: unknown) => string | undefined,
): readonly string[] {
  const texts = said[name] ?? [];
  if (!Array.isArray(texts)) throw new InvalidSettingError(`${where} whose ${name} is not a list`);
  for (const text of texts as unknown[]) {
    const problem = problemOf(text);
    if (problem !== undefined) throw new InvalidSettingError(`${where} whose ${name} has ${problem}`);
  }
  return [...new Set(texts as string[])];
}

function eventguidProblem(text: unknown): string | undefined {
  try {
    parseEventGuid(text);
    return undefined;
  } catch (error) {
    return `something that is no eventguid: ${HubError.from(error).message}`;
  }
}

function patternProblem(text: unknown): string | undefined {
  const isPattern = typeof text === 'string' && text !== '' && !text.slice(0, -1).includes('*');
  return isPattern
    ? undefined
    : 'something that is neither an eventguid nor the beginning of one with a * at its end';
}
