import { readSecret, StartupError, type Environment } from '@ringback/settings';

const REFERENCE = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

/** A value of the configuration file and the place where it stands. Everything throws `StartupError` that names that place. */
export class ConfigValue {
  constructor(
    private readonly value: unknown,
    private readonly place: string,
    private readonly environment: Environment,
  ) {}

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  /** The fields of an object, and no others than these. A field that is not there is a value, too. */
  fields<Name extends string>(names: readonly Name[]): Readonly<Record<Name, ConfigValue>> {
    const entries = this.object();
    const unknown = Object.keys(entries).find((name) => !names.some((known) => known === name));
    if (unknown !== undefined) this.fail(`has ${JSON.stringify(unknown)}; there are ${names.join(', ')}`);
    return Object.fromEntries(names.map((name) => [name, this.child(entries[name], name)])) as Record<
      Name,
      ConfigValue
    >;
  }

  /** The entries of an object with any names; none if it is absent. */
  entries(): readonly (readonly [string, ConfigValue])[] {
    if (this.isAbsent) return [];
    return Object.entries(this.object()).map(([name, value]) => [name, this.child(value, name)]);
  }

  /** The items of a list; none if it is absent. */
  items(): readonly ConfigValue[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) return this.fail('is not a list');
    return this.value.map((item, at) => new ConfigValue(item, `${this.place}[${at}]`, this.environment));
  }

  text(fallback?: string): string {
    const value = this.value ?? fallback;
    if (value === undefined) return this.fail('is missing');
    return typeof value === 'string' && value !== ''
      ? value
      : this.fail('is not text of at least one character');
  }

  /** Text that may name a variable of the environment instead, like `$TOKEN`, or with `TOKEN_FILE` the file that holds it. */
  secret(fallback?: string): string {
    const text = this.text(fallback);
    const name = REFERENCE.exec(text)?.[1];
    if (name === undefined) return text;
    return readSecret(name, this.environment) ?? this.fail(`names the variable ${name}, which is not set`);
  }

  wholeNumber(fallback: number, least: number, most: number): number {
    const value = this.value ?? fallback;
    if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return Number(value);
    return this.fail(`is not a whole number from ${least} to ${most}`);
  }

  oneOf<Value extends string>(values: readonly Value[], fallback?: Value): Value {
    const text = this.text(fallback);
    return values.find((value) => value === text) ?? this.fail(`is none of ${values.join(', ')}`);
  }

  flag(): boolean {
    const value = this.value ?? false;
    return typeof value === 'boolean' ? value : this.fail('is neither true nor false');
  }

  /** What a parser makes of it; what that throws is told with the place. */
  parsed<Value>(text: string, parse: (text: string) => Value): Value {
    try {
      return parse(text);
    } catch (error) {
      return this.fail(`is not valid: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  fail(problem: string): never {
    throw new StartupError(`RINGBACK_AGENT_CONFIG: ${this.place} ${problem}.`);
  }

  private object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (value === undefined) return this.fail('is missing');
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : this.fail('is not an object');
  }

  private child(value: unknown, name: string): ConfigValue {
    const step = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    return new ConfigValue(
      value,
      this.place === 'the file' ? name : `${this.place}${step}`,
      this.environment,
    );
  }
}
