import { HubError } from '@ringback/contract';
import type { Page, PageRequest } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import { decodeName, encodeName } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';

/** A session on the list. */
export interface AwayEntry {
  readonly subscriber: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The list of the sessions that are away, by when they end, in a slot of its own. An entry stands here before its session is away and
 * is taken off after it is back: one that is stale does no harm, as whoever reads it looks at the session. All reject with
 * `relay-unavailable`.
 */
export class AwaySessions {
  constructor(private readonly redis: RedisConnections) {}

  /** Lists a session that is about to be away. Resolves to whether it was not listed before. */
  async announce({ subscriber, expiresAt }: AwayEntry): Promise<boolean> {
    const { commands, keys } = this.redis;
    const added = await this.shared(() => commands.zadd(keys.away, 'NX', expiresAt, encodeName(subscriber)));
    return added === 1;
  }

  /** Lists a session as what it is. */
  async list({ subscriber, expiresAt }: AwayEntry): Promise<void> {
    const { commands, keys } = this.redis;
    await this.shared(() => commands.zadd(keys.away, expiresAt, encodeName(subscriber)));
  }

  /** Takes the entry off, unless the session was listed anew meanwhile. */
  async unlist({ subscriber, expiresAt }: AwayEntry): Promise<void> {
    const { commands, keys } = this.redis;
    await runScript(commands, SCRIPTS.unlistAway, [keys.away], [encodeName(subscriber), expiresAt]);
  }

  count(): Promise<number> {
    return this.shared(() => this.redis.commands.zcard(this.redis.keys.away));
  }

  /** Those whose time is over, a number of them, from the one that was over first. */
  async due(now: number, most: number): Promise<readonly AwayEntry[]> {
    const { commands, keys } = this.redis;
    const flat = await this.shared(() =>
      commands.zrangebyscore(keys.away, '-inf', now, 'WITHSCORES', 'LIMIT', 0, most),
    );
    return parseEntries(flat);
  }

  async page({ limit, cursor }: PageRequest): Promise<Page<AwayEntry>> {
    const most = Math.max(1, limit);
    const last = cursor === undefined ? undefined : parseCursor(cursor);
    const reply = await runScript(
      this.redis.commands,
      SCRIPTS.pageAway,
      [this.redis.keys.away],
      last ? [most, last.expiresAt, encodeName(last.subscriber)] : [most, '', ''],
    );
    const items = parseEntries((reply as readonly Buffer[]).map(String));
    const end = items.at(-1);
    return end && items.length === most ? { items, next: formatCursor(end) } : { items };
  }

  /** The list is all nodes' own. */
  private shared<Reply>(work: () => Promise<Reply>): Promise<Reply> {
    const { keys, unreadable } = this.redis;
    return unreadable.replaceForeign([[keys.away, 'zset']], () => command(work()));
  }
}

function parseEntries(flat: readonly string[]): readonly AwayEntry[] {
  const entries: AwayEntry[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    entries.push({ subscriber: decodeName(flat[at] ?? ''), expiresAt: Number(flat[at + 1]) });
  }
  return entries;
}

function formatCursor({ subscriber, expiresAt }: AwayEntry): string {
  return `${expiresAt}.${Buffer.from(subscriber).toString('base64url')}`;
}

function parseCursor(cursor: string): AwayEntry {
  const [, expiresAt, subscriber] = /^(0|[1-9][0-9]{0,15})\.([A-Za-z0-9_-]+)$/.exec(cursor) ?? [];
  if (expiresAt === undefined || subscriber === undefined)
    throw new HubError('bad-request', 'Unknown cursor.');
  return { subscriber: Buffer.from(subscriber, 'base64url').toString(), expiresAt: Number(expiresAt) };
}
