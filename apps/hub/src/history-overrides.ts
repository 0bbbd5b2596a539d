import { InvalidSettingError, parseJsonList, type Setting } from '@ringback/settings';

/** Other history limits for the events that a pattern names. */
export interface HistoryOverride {
  readonly pattern: string;
  readonly envelopes?: number;
  readonly ageMs?: number;
  readonly bytes?: number;
}

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

const LIMITS = ['envelopes', 'ageMs', 'bytes'] as const;

export function historyOverrides(words: Words): Setting<readonly HistoryOverride[]> {
  return {
    ...words,
    allowed: 'JSON like [{"pattern":"price-*","envelopes":100,"ageMs":60000,"bytes":65536}]',
    parse: (text) => parseJsonList(text).map(parseOverride),
  };
}

function parseOverride(item: unknown, index: number): HistoryOverride {
  const where = `has as item ${index + 1}`;
  if (typeof item !== 'object' || item === null)
    throw new InvalidSettingError(`${where} something else than an object`);
  const { pattern, ...limits } = item as Record<string, unknown>;
  if (typeof pattern !== 'string' || pattern === '')
    throw new InvalidSettingError(`${where} one without a pattern`);
  for (const [name, value] of Object.entries(limits)) {
    if (!LIMITS.some((known) => known === name))
      throw new InvalidSettingError(`${where} one with the unknown "${name}"`);
    if (!isCount(value))
      throw new InvalidSettingError(`${where} one whose ${name} is not a whole number of at least 1`);
  }
  return { pattern, ...limits };
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
