import { HubError } from '@ringback/contract';
import { StartupError } from '@ringback/settings';
import type { ParameterDefinition, ParameterType, ParameterValue } from './topic.definition.js';

interface TypeRules {
  /** What counts where none is given. */
  readonly none: ParameterValue;
  /** Every character that a value of the type may be written with. */
  readonly characters: RegExp;
  /** `undefined` for what is none of the type. */
  parse(text: string): ParameterValue | undefined;
}

const INTEGER = /^[+-]?[0-9]{1,16}$/;
const NUMBER = /^[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:e[+-]?[0-9]{1,3})?$/i;
const GUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);
const EMPTY_GUID = '00000000-0000-0000-0000-000000000000';
/** What could end a line of a stream, or is no text. */
const NO_TEXT = /[\p{Cc}\p{Cs}]/u;

const TYPES: Readonly<Record<ParameterType, TypeRules>> = {
  text: { none: null, characters: /^[^]$/u, parse: (text) => text },
  integer: {
    none: 0,
    characters: /^[0-9-]$/,
    parse: (text) => (INTEGER.test(text) ? finite(Number(text), Number.isSafeInteger) : undefined),
  },
  number: {
    none: 0,
    characters: /^[0-9.e+-]$/,
    parse: (text) => (NUMBER.test(text) ? finite(Number(text), Number.isFinite) : undefined),
  },
  boolean: {
    none: false,
    characters: /^[a-z]$/,
    parse: (text) => BOOLEANS.get(text.toLowerCase()),
  },
  guid: {
    none: EMPTY_GUID,
    characters: /^[0-9a-f-]$/,
    parse: (text) =>
      GUID.exec(text.replace(/^\{(.*)\}$/, '$1'))
        ?.slice(1)
        .join('-')
        .toLowerCase(),
  },
};

const NAME = /^[A-Za-z][0-9A-Za-z_-]{0,63}$/;

/** One property of a topic: how its text is read and written. */
export class Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** The value where none is given. */
  readonly default: ParameterValue;
  private readonly rules: TypeRules;

  /** Throws `StartupError`. */
  constructor(definition: ParameterDefinition) {
    this.name = definition.name;
    this.type = definition.type ?? 'text';
    if (!NAME.test(this.name))
      throw new StartupError(`${JSON.stringify(this.name)} is no name of a parameter.`);
    this.rules = TYPES[this.type];
    this.default = this.rules.none;
    this.default = this.readDefault(definition.default);
  }

  /** In small letters: names are compared without regard to case. */
  get key(): string {
    return this.name.toLowerCase();
  }

  /** The value of what was given, in the one form that all its spellings have. Throws `bad-request` for what is none of the type, or `bad-eventguid`. */
  read(given: unknown): ParameterValue {
    if (given === undefined || given === null || given === '') return this.default;
    if (typeof given === 'string' && NO_TEXT.test(given))
      throw new HubError('bad-eventguid', `${this.name} holds control characters or lone surrogates.`);
    const value = isScalar(given) ? this.rules.parse(String(given)) : undefined;
    if (value === undefined) throw new HubError('bad-request', `${this.name} is not ${NOUNS[this.type]}.`);
    return value;
  }

  /** Whether a value of it may be written with the character. */
  mayHold(character: string): boolean {
    return this.rules.characters.test(character);
  }

  private readDefault(given: ParameterValue | undefined): ParameterValue {
    try {
      return this.read(given);
    } catch (cause) {
      throw new StartupError(`The default of ${this.name} is not ${NOUNS[this.type]}.`, { cause });
    }
  }
}

const NOUNS: Readonly<Record<ParameterType, string>> = {
  text: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  guid: 'a GUID',
};

function isScalar(value: unknown): value is string | number | boolean | bigint {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

/** Not -0, which is written as 0. */
function finite(value: number, isGood: (value: number) => boolean): number | undefined {
  return isGood(value) ? value + 0 : undefined;
}
