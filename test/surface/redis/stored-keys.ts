import type { Section } from '../document.js';
import { KeyFacts } from './key-facts.js';
import type { RedisCommand } from './monitor-line.js';
import { QUEUE_KEYS, type RedisMask } from './redis-mask.js';

type Write = readonly [type: string, write: (facts: KeyFacts, args: readonly string[]) => void];

/** Commands that write, with the type of their key and how to read what they write. */
const WRITES: Readonly<Record<string, Write>> = {
  SET: ['string', (facts, args) => facts.addString(args)],
  INCR: ['string', () => undefined],
  HSET: ['hash', (facts, args) => facts.addFields(args)],
  RPUSH: ['list', (facts, args) => facts.addValues(args)],
  SADD: ['set', (facts, args) => facts.addValues(args)],
  ZADD: ['sorted set', (facts, args) => facts.addMembers(args)],
};
const EXPIRES = new Set(['PEXPIRE', 'EXPIRE', 'PEXPIREAT', 'EXPIREAT']);
const PUBLISHES = new Set(['PUBLISH', 'SPUBLISH']);
const SUBSCRIBES = new Set(['SUBSCRIBE', 'SSUBSCRIBE']);

/** Keys by pattern, with type, fields and values, as they were written at any time. */
export function storedKeys(commands: readonly RedisCommand[], mask: RedisMask): Section {
  const keys = new Map<string, KeyFacts>();
  const factsOf = (key: string): KeyFacts => {
    const pattern = mask.key(key);
    const facts = keys.get(pattern) ?? new KeyFacts(mask);
    keys.set(pattern, facts);
    return facts;
  };
  for (const command of commands) addCommand(command, mask, factsOf);
  return Object.fromEntries([...keys].map(([pattern, facts]) => [pattern, facts.toSection()]));
}

function addCommand(
  [name = '', key = '', ...args]: RedisCommand,
  mask: RedisMask,
  factsOf: (key: string) => KeyFacts,
): void {
  const [type, write] = WRITES[name] ?? [];
  const isOfQueue = mask.key(key) === QUEUE_KEYS;
  if (isOfQueue && type !== undefined) factsOf(key).types.add('of all types');
  if (isOfQueue) return;
  if (type !== undefined && write) {
    factsOf(key).types.add(type);
    write(factsOf(key), args);
  } else if (EXPIRES.has(name)) factsOf(key).expires = true;
  else if (name === 'RENAME') factsOf(args[0] ?? '').addAll(factsOf(key));
}

/** Channels by pattern, with what was published there and how anybody subscribed. */
export function usedChannels(commands: readonly RedisCommand[], mask: RedisMask): Section {
  const uses = new Map<string, Set<string>>();
  for (const [name = '', ...args] of commands) {
    if (PUBLISHES.has(name)) add(uses, mask.key(args[0] ?? ''), `${name} ${mask.value(args[1] ?? '')}`);
    if (SUBSCRIBES.has(name)) for (const channel of args) add(uses, mask.key(channel), name);
  }
  return Object.fromEntries([...uses].map(([channel, texts]) => [channel, [...texts]]));
}

function add(uses: Map<string, Set<string>>, channel: string, text: string): void {
  uses.set(channel, (uses.get(channel) ?? new Set()).add(text));
}
