import { HubError, parseEventGuid, type EventGuid } from '@ringback/contract';
import type { EventSummary, Page, PageRequest } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import { EVENT_SHARDS } from './redis-keys.js';
import { parseScanCursor } from './scan-cursor.js';
import { runScript, SCRIPTS } from './scripts.js';

/** For one page: every shard once, and some more where much is forgotten. Whatever is left comes with the next page. */
const MOST_READS = EVENT_SHARDS + 16;

interface Place {
  readonly shard: number;
  readonly cursor: string;
}

/** The index of events, page by page. What nobody remembers any more is taken off on the way. */
export class EventPages {
  constructor(private readonly redis: RedisConnections) {}

  async summary(eventguid: EventGuid): Promise<EventSummary | undefined> {
    const { commands, keys } = this.redis;
    const reply = await runScript(
      commands,
      SCRIPTS.event,
      [keys.meta(eventguid), keys.log(eventguid), keys.subs(eventguid), keys.named(eventguid)],
      [],
    );
    if (reply === null) return undefined;
    const [epoch, offset, subscribers, kept] = reply as readonly (Buffer | number)[];
    return {
      eventguid,
      position: { epoch: String(epoch), offset: Number(String(offset)) },
      subscribers: Number(subscribers),
      kept: Number(kept),
    };
  }

  async page(request: PageRequest): Promise<Page<EventSummary>> {
    const items: EventSummary[] = [];
    let place: Place | undefined = parsePlace(request.cursor);
    for (let reads = 0; place && items.length < request.limit && reads < MOST_READS; reads++) {
      const { found, next } = await this.read(place, request.limit - items.length);
      items.push(...found);
      place = next;
    }
    return place ? { items, next: `${place.shard}.${place.cursor}` } : { items };
  }

  /** `undefined` for what is no event any more, or never was one. */
  private async summaryOf(key: string, name: string): Promise<EventSummary | 'unreadable' | undefined> {
    const { keys, unreadable } = this.redis;
    const eventguid = await unreadable.skip(key, async () => parseEventGuid(name));
    if (eventguid === undefined) return undefined;
    const summary = await unreadable.skip(keys.meta(eventguid), async () => ({
      found: await this.summary(eventguid),
    }));
    return summary ? summary.found : 'unreadable';
  }

  private async read(
    place: Place,
    limit: number,
  ): Promise<{ readonly found: readonly EventSummary[]; readonly next: Place | undefined }> {
    const { commands, keys } = this.redis;
    const key = keys.eventShard(place.shard);
    const [cursor, flat] = await this.redis.unreadable.replaceForeign([[key, 'zset']], () =>
      command(commands.zscan(key, place.cursor, 'COUNT', limit)),
    );
    const names = flat.filter((_text, index) => index % 2 === 0);
    const summaries = await Promise.all(names.map((name) => this.summaryOf(key, name)));
    const forgotten = names.filter((_name, index) => summaries[index] === undefined);
    if (forgotten.length > 0) await command(commands.zrem(key, ...forgotten));
    return {
      found: summaries.filter((summary) => summary !== undefined && summary !== 'unreadable'),
      next: cursor === '0' ? nextShard(place.shard) : { shard: place.shard, cursor },
    };
  }
}

function nextShard(shard: number): Place | undefined {
  return shard + 1 < EVENT_SHARDS ? { shard: shard + 1, cursor: '0' } : undefined;
}

function parsePlace(cursor: string | undefined): Place {
  if (cursor === undefined) return { shard: 0, cursor: '0' };
  const [, shard, rest] = /^(0|[1-9][0-9]?)\.([0-9]+)$/.exec(cursor) ?? [];
  if (shard === undefined || Number(shard) >= EVENT_SHARDS)
    throw new HubError('bad-request', 'Unknown cursor.');
  return { shard: Number(shard), cursor: rest === '0' ? '0' : parseScanCursor(rest) };
}
