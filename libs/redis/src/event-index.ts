import type { EventGuid } from '@ringback/contract';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import { eventShardOf } from './redis-keys.js';

/** An event is noted at most this often by one node. */
const NOTE_INTERVAL_MS = 60_000;
/** How many events a node remembers to have noted. */
const MOST_REMEMBERED = 50_000;
const BATCH = 1_000;

/** Which events there are: a few sorted sets, by when each was used last. For operators; delivery never asks it. */
export class EventIndex {
  /** By when the event was noted, oldest first. */
  private readonly notedAt = new Map<EventGuid, number>();

  constructor(
    private readonly redis: RedisConnections,
    private readonly keptMs: number,
  ) {}

  /** Notes an event that is in use, unless that was done a moment ago. */
  async note(eventguid: EventGuid): Promise<void> {
    if (Date.now() - (this.notedAt.get(eventguid) ?? -Infinity) < NOTE_INTERVAL_MS) return;
    this.remember(eventguid);
    try {
      await this.touch([eventguid]);
    } catch (error) {
      this.notedAt.delete(eventguid);
      throw error;
    }
  }

  async touch(eventguids: readonly EventGuid[]): Promise<void> {
    const now = Date.now();
    for (const [shard, members] of groupByShard(eventguids)) {
      for (let start = 0; start < members.length; start += BATCH) {
        await this.add(shard, now, members.slice(start, start + BATCH));
      }
    }
  }

  private async add(shard: number, now: number, members: readonly EventGuid[]): Promise<void> {
    const key = this.redis.keys.eventShard(shard);
    const { commands, unreadable } = this.redis;
    const add = () =>
      Promise.all([
        commands.zadd(key, ...members.flatMap((eventguid) => [now, eventguid])),
        // Its meta is gone by then: nobody will ask for it again.
        commands.zremrangebyscore(key, '-inf', now - this.keptMs),
      ]);
    await unreadable.replaceForeign([[key, 'zset']], () => command(add()));
  }

  private remember(eventguid: EventGuid): void {
    this.notedAt.delete(eventguid);
    this.notedAt.set(eventguid, Date.now());
    const [oldest] = this.notedAt.keys();
    if (this.notedAt.size > MOST_REMEMBERED && oldest !== undefined) this.notedAt.delete(oldest);
  }
}

function groupByShard(eventguids: readonly EventGuid[]): Map<number, EventGuid[]> {
  const groups = new Map<number, EventGuid[]>();
  for (const eventguid of eventguids) {
    const shard = eventShardOf(eventguid);
    const group = groups.get(shard);
    if (group) group.push(eventguid);
    else groups.set(shard, [eventguid]);
  }
  return groups;
}
