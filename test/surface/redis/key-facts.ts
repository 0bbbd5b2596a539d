import type { Section } from '../document.js';
import type { RedisMask } from './redis-mask.js';

const ZADD_OPTION = /^(nx|xx|gt|lt|ch)$/i;
const EXPIRY_OPTION = /^(px|ex)$/i;

/** What is known of the keys of one pattern: what was written there at any time. */
export class KeyFacts {
  readonly types = new Set<string>();
  private readonly fields = new Map<string, Set<string>>();
  private readonly values = new Set<string>();
  expires = false;

  constructor(private readonly mask: RedisMask) {}

  addString([value = '', ...options]: readonly string[]): void {
    this.values.add(this.mask.value(value));
    if (options.some((option) => EXPIRY_OPTION.test(option))) this.expires = true;
  }

  addFields(args: readonly string[]): void {
    for (let index = 0; index < args.length; index += 2) {
      const field = this.mask.value(args[index] ?? '');
      const values = this.fields.get(field) ?? new Set();
      this.fields.set(field, values.add(this.mask.value(args[index + 1] ?? '')));
    }
  }

  addValues(values: readonly string[]): void {
    for (const value of values) this.values.add(this.mask.value(value));
  }

  /** Options and scores stand before the members of a sorted set. */
  addMembers(args: readonly string[]): void {
    const pairs = args.filter((arg) => !ZADD_OPTION.test(arg));
    this.addValues(pairs.filter((_arg, index) => index % 2 === 1));
  }

  /** The key was made of another one. */
  addAll(other: KeyFacts): void {
    for (const type of other.types) this.types.add(type);
    for (const [field, values] of other.fields) {
      this.fields.set(field, new Set([...(this.fields.get(field) ?? []), ...values]));
    }
  }

  toSection(): Section {
    return {
      types: [...this.types],
      fields: Object.fromEntries([...this.fields].map(([field, values]) => [field, [...values]])),
      values: [...this.values],
      ...(this.expires && { expires: true }),
    };
  }
}
