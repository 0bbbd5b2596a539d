/** Where names of a kind stand, and how they are told from other text. */
interface KindOfName {
  /** Patterns of paths, over which `in` of a rename may narrow further. */
  readonly in: readonly string[];
  /**
   * `word`: wherever the name stands as a whole word. `value`: only where it is a whole key, a whole text, or a JSON string that is no key, because
   * the name is an everyday word.
   */
  readonly as: 'word' | 'value';
}

/** Every kind of name that the product has in public. */
export const RENAME_KINDS = {
  setting: { in: ['settings.**', 'logMessages.**', 'bytes.**'], as: 'word' },
  /** A key inside of the value of a setting, as the setting says what is allowed. */
  'setting-key': { in: ['settings.**'], as: 'word' },
  metric: { in: ['metrics.**', 'metricLabels.**'], as: 'word' },
  'metric-label': { in: ['metrics.**', 'metricLabels.**'], as: 'value' },
  'metric-label-value': { in: ['metrics.**'], as: 'value' },
  /** With the title that HTTP makes of it. */
  'error-code': { in: ['errorCodes.**', 'metrics.**', 'bytes.**', 'openapi.**'], as: 'word' },
  'close-reason': { in: ['closeReasons.**', 'metrics.**', 'bytes.**'], as: 'value' },
  method: { in: ['methods.**', 'bytes.**'], as: 'word' },
  openapi: { in: ['openapi.**'], as: 'word' },
  'log-message': { in: ['logMessages.**'], as: 'value' },
  'log-field': { in: ['logMessages.**.fields'], as: 'value' },
  'redis-key': { in: ['redis.**'], as: 'word' },
  'redis-field': { in: ['redis.keys.**'], as: 'value' },
  'redis-message': { in: ['redis.channels.**'], as: 'value' },
  /** A sentence, or a part of one. */
  text: { in: ['**'], as: 'word' },
} as const satisfies Record<string, KindOfName>;

export type RenameKind = keyof typeof RENAME_KINDS;
