import { describe, expect, it } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import {
  decodeName,
  encodeName,
  EVENT_SHARDS,
  eventShardOf,
  leaseName,
  parseLeaseName,
  RedisKeys,
} from './redis-keys.js';

const keys = new RedisKeys('rb');

describe('RedisKeys', () => {
  it.each([
    ['order-1', '{order-1}'],
    ['{a}', '{%7Ba%7D}'],
    ['}{', '{%7D%7B}'],
    ['%7B', '{%257B}'],
    ['__proto__', '{__proto__}'],
  ])('gives all keys of the event %j the hash tag %s', (text, tag) => {
    const eventguid = parseEventGuid(text);
    const names = [
      keys.channel(eventguid),
      keys.meta(eventguid),
      keys.log(eventguid),
      keys.subs(eventguid),
      keys.named(eventguid),
      keys.present(eventguid),
      `${keys.cuts(eventguid)}:1`,
      keys.idempotency(eventguid, '{other}'),
    ];
    for (const name of names) expect(/\{[^}]*\}/.exec(name)?.[0]).toBe(tag);
    expect(new Set(names).size).toBe(names.length);
  });

  it('keeps a claim apart from every other key, whatever its name', () => {
    const names = ['a', '{a}', 'a:b', '', 'cluster-key', 'format'].map((name) => keys.claim(name));
    expect(new Set([...names, keys.clusterKey, keys.format, keys.nodes, keys.away]).size).toBe(
      names.length + 4,
    );
    for (const name of names) expect(name).toMatch(/^rb:claim:[^{}]*$/);
  });

  it.each(['', 'r{b', 'r}b'])('refuses the prefix %j', (prefix) => {
    expect(() => new RedisKeys(prefix)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it.each(['plain', '100%', '%7B{}', 'tab\tbreak\n', 'ä🔔\u2028', '__proto__'])(
    'reads the name %j back',
    (name) => {
      expect(decodeName(encodeName(name))).toBe(name);
      expect(encodeName(name)).not.toMatch(/[{}\t\n]/);
    },
  );

  it.each([
    { nodeId: 'hub-0', generation: 'g1' },
    { nodeId: 'hub.example.org', generation: '1.2.3' },
    { nodeId: '{a}%', generation: 'g\t{b}' },
  ])('reads the lease %j back', (lease) => {
    expect(parseLeaseName(leaseName(lease))).toEqual(lease);
  });

  it('spreads events over all shards of the index', () => {
    const shards = Array.from({ length: 2_000 }, (_, index) =>
      eventShardOf(parseEventGuid(`event-${index}`)),
    );
    expect(new Set(shards).size).toBe(EVENT_SHARDS);
    expect(Math.min(...shards)).toBe(0);
    expect(Math.max(...shards)).toBe(EVENT_SHARDS - 1);
  });
});
