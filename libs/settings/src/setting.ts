/** One variable of the environment: what it means, and how its text becomes a value. */
export interface Setting<Value> {
  /** For the reader of the table of settings: what it is, in a sentence without its name. */
  readonly doc: string;
  /** What is allowed, as it ends the sentence "allowed is …". */
  readonly allowed: string;
  /** As it would stand in the environment. */
  readonly fallback?: string;
  /** What happens where there is neither a value nor a fallback. */
  readonly absent?: string;
  /** What it was called before. A variable of that name is ignored, and its user told. */
  readonly formerName?: string;
  /** Its value is never shown, and may stand in a file. */
  readonly secret?: true;
  /** Throws `InvalidSettingError`. */
  parse(text: string): Value;
}

/** A setting that always has a value. */
export type Defaulted<Value> = Setting<Value> & { readonly fallback: string };

/** What is wrong with a value, as it goes on after "X=value ". */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
}

/** What is said about a setting. */
export type SettingInfo = Omit<Setting<unknown>, 'parse' | 'allowed' | 'fallback'>;

export function wholeNumber(
  fallback: number,
  doc: string,
  range: { readonly min?: number; readonly max?: number } = {},
): Defaulted<number> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = range;
  const upTo = max === Number.MAX_SAFE_INTEGER ? ` of at least ${min}` : ` from ${min} to ${max}`;
  return {
    doc,
    fallback: String(fallback),
    allowed: `a whole number${upTo}`,
    parse: (text) => {
      const value = Number(text);
      if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value))
        throw new InvalidSettingError('is not a whole number');
      if (value < min) throw new InvalidSettingError('is too small');
      if (value > max) throw new InvalidSettingError('is too large');
      return value;
    },
  };
}

/** A part of a whole, from 0 to 1. */
export function share(fallback: number, doc: string): Defaulted<number> {
  return {
    doc,
    fallback: String(fallback),
    allowed: 'a number from 0 to 1, such as 0.01',
    parse: (text) => {
      if (!/^(0|1|0?[.][0-9]+|1[.]0+)$/.test(text)) throw new InvalidSettingError('is no number from 0 to 1');
      return Number(text);
    },
  };
}

export function flag(fallback: boolean, doc: string): Defaulted<boolean> {
  return {
    doc,
    fallback: String(fallback),
    allowed: 'true or false',
    parse: (text) => {
      if (text !== 'true' && text !== 'false') throw new InvalidSettingError('is not known');
      return text === 'true';
    },
  };
}

export function oneOf<Value extends string>(
  values: readonly Value[],
  fallback: Value,
  doc: string,
): Defaulted<Value> {
  return {
    doc,
    fallback,
    allowed: `one of ${values.join(', ')}`,
    parse: (text) => {
      const value = values.find((candidate) => candidate === text);
      if (value === undefined) throw new InvalidSettingError('is not known');
      return value;
    },
  };
}

export function matching(pattern: RegExp, allowed: string, info: SettingInfo): Setting<string> {
  return {
    ...info,
    allowed,
    parse: (text) => {
      if (!pattern.test(text)) throw new InvalidSettingError('does not look right');
      return text;
    },
  };
}

/** The setting with a value for where there is none. */
export function defaulted(fallback: string, setting: Setting<string>): Defaulted<string> {
  return { ...setting, fallback };
}

/** The setting without a value of its own: `absent` says what happens where none is given. */
export function optional<Value>(setting: Defaulted<Value>, absent: string): Setting<Value> {
  const { doc, allowed } = setting;
  return { doc, allowed, absent, parse: (text) => setting.parse(text) };
}

/** The setting, which had another name before. */
export function formerly<Any extends Setting<unknown>>(formerName: string, setting: Any): Any {
  return { ...setting, formerName };
}

/** The items of a comma list, without the space around them. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
