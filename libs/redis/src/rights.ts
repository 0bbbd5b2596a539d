import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import type { RedisKeys } from './redis-keys.js';

/** What a user of Redis has to be allowed to do. */
export interface RedisRights {
  readonly commands: readonly RedisCommand[];
  /** Patterns of keys, each with some that have to be open to reading and writing. */
  readonly keys: readonly KeyPattern[];
  /** Patterns of sharded channels. */
  readonly channels: readonly KeyPattern[];
}

export interface KeyPattern {
  readonly pattern: string;
  readonly samples: readonly string[];
}

/**
 * How each command is tried out on a key that nobody uses: with arguments that leave nothing behind, most of them refused by Redis itself, which asks for
 * the right before it looks at them.
 */
const TRIALS = {
  bzpopmin: ['KEY', 'x'],
  'client|setname': ['rights-check'],
  del: ['KEY'],
  eval: ['return 1', '1', 'KEY'],
  evalsha: ['0', '1', 'KEY'],
  exists: ['KEY'],
  get: ['KEY'],
  hdel: ['KEY', 'f'],
  hexists: ['KEY', 'f'],
  hget: ['KEY', 'f'],
  hgetall: ['KEY'],
  hincrby: ['KEY', 'f', 'x'],
  hlen: ['KEY'],
  hmget: ['KEY', 'f'],
  hmset: ['KEY', 'f', 'v', 'x'],
  hscan: ['KEY', 'x'],
  hset: ['KEY', 'f', 'v', 'x'],
  hvals: ['KEY'],
  incr: ['KEY'],
  info: ['server'],
  lindex: ['KEY', '0'],
  llen: ['KEY'],
  lpop: ['KEY'],
  lpos: ['KEY', 'v'],
  lpush: ['KEY', 'v'],
  lrange: ['KEY', '0', '0'],
  lrem: ['KEY', 'x', 'v'],
  ltrim: ['KEY', 'x', '0'],
  persist: ['KEY'],
  pexpire: ['KEY', 'x'],
  ping: [],
  pttl: ['KEY'],
  'pubsub|shardnumsub': ['CHANNEL'],
  rename: ['KEY', 'KEY'],
  rpop: ['KEY'],
  rpoplpush: ['KEY', 'KEY'],
  rpush: ['KEY', 'v'],
  sadd: ['KEY', 'm'],
  scard: ['KEY'],
  'script|load': ['return 1'],
  set: ['KEY', 'v', 'x'],
  sismember: ['KEY', 'm'],
  smembers: ['KEY'],
  spublish: ['CHANNEL', ''],
  srandmember: ['KEY', 'x'],
  srem: ['KEY', 'm'],
  sscan: ['KEY', 'x'],
  ssubscribe: ['CHANNEL'],
  sunsubscribe: ['CHANNEL'],
  time: [],
  type: ['KEY'],
  unlink: ['KEY'],
  xadd: ['KEY', 'x', 'f', 'v'],
  xtrim: ['KEY', 'MAXLEN', 'x'],
  zadd: ['KEY', 'x', 'm'],
  zcard: ['KEY'],
  zcount: ['KEY', 'x', '0'],
  zpopmin: ['KEY'],
  zrange: ['KEY', 'x', '0'],
  zrangebyscore: ['KEY', 'x', '0'],
  zrank: ['KEY', 'm'],
  zrem: ['KEY', 'm'],
  zremrangebyrank: ['KEY', 'x', '0'],
  zremrangebyscore: ['KEY', 'x', '0'],
  zrevrange: ['KEY', 'x', '0'],
  zrevrangebyscore: ['KEY', 'x', '0'],
  zscan: ['KEY', 'x'],
  zscore: ['KEY', 'm'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A command as `ACL SETUSER` names it. */
export type RedisCommand = keyof typeof TRIALS;

/** The command with the arguments of its trial. */
export function trialOf(command: RedisCommand, key: string, channel: string): readonly string[] {
  const places: Readonly<Record<string, string>> = { KEY: key, CHANNEL: channel };
  return [...command.split('|'), ...TRIALS[command].map((argument) => places[argument] ?? argument)];
}

/** As they stand in `ACL SETUSER`, behind the name of the user and its password. */
export function aclRules({ keys, channels, commands }: RedisRights): string {
  const rules = [
    ...keys.map(({ pattern }) => `~${pattern}`),
    ...channels.map(({ pattern }) => `&${pattern}`),
    ...commands.map((command) => `+${command}`),
  ];
  return rules.join(' ');
}

/** What a node needs. In a Redis Cluster the client library needs `CLUSTER_RULES` besides. */
export function nodeRights(keys: RedisKeys): RedisRights {
  const pattern = `${keys.prefix}:*`;
  // A name that no event, node or subscriber has.
  const nobody = parseEventGuid(randomUUID());
  return {
    commands: NODE_COMMANDS,
    keys: [{ pattern, samples: sampleKeys(keys, nobody) }],
    channels: [{ pattern, samples: sampleChannels(keys, nobody) }],
  };
}

/** What the client library asks of a Redis Cluster, as it stands in `ACL SETUSER`. It is not tried out: without it there is no connection. */
export const CLUSTER_RULES = '+cluster|slots +cluster|info +client|setname +asking +readonly';

const NODE_COMMANDS: readonly RedisCommand[] = [
  'del',
  'eval',
  'evalsha',
  'exists',
  'get',
  'hdel',
  'hexists',
  'hget',
  'hgetall',
  'hlen',
  'hmget',
  'hscan',
  'hset',
  'info',
  'lindex',
  'llen',
  'lpop',
  'lrange',
  'persist',
  'pexpire',
  'ping',
  'pubsub|shardnumsub',
  'rename',
  'rpush',
  'sadd',
  'scard',
  'script|load',
  'set',
  'spublish',
  'srandmember',
  'srem',
  'sscan',
  'ssubscribe',
  'sunsubscribe',
  'time',
  'unlink',
  'zadd',
  'zcard',
  'zcount',
  'zrange',
  'zrangebyscore',
  'zrank',
  'zrem',
  'zremrangebyscore',
  'zscan',
  'zscore',
];

/** One key of each kind. */
function sampleKeys(keys: RedisKeys, nobody: EventGuid): readonly string[] {
  return [
    keys.nodes,
    keys.away,
    keys.clusterKey,
    keys.format,
    keys.eventShard(0),
    keys.session(nobody),
    keys.identity(nobody),
    keys.claim(nobody),
    keys.record(nobody),
    keys.lease(nobody),
    keys.meta(nobody),
  ];
}

function sampleChannels(keys: RedisKeys, nobody: EventGuid): readonly string[] {
  return [keys.channel(nobody), keys.peer(nobody), keys.edgeChannel(nobody), keys.probe(nobody)];
}
