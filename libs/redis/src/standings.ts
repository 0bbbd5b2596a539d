import { HubError, type EventGuid } from '@ringback/contract';
import type { Standing } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { groupBy } from './group-by.js';
import { withCommandTimeout, unavailable } from './redis-connection.js';
import type { Shard } from './shard.js';

/** Events read in one round trip. */
const BATCH = 500;

type Answers = Map<EventGuid, Standing>;

/**
 * Reads where events stand. The run id is not compared: a server that was restarted since the last trigger will close the epoch
 * at the very offset that stands in meta now, so that the position is true until then.
 */
export class StandingsReader {
  constructor(private readonly redis: RedisConnections) {}

  async read(eventguids: readonly EventGuid[]): Promise<readonly (Standing | undefined)[]> {
    const answers: Answers = new Map();
    try {
      const { shards, keys } = this.redis;
      const groups = groupBy(eventguids, (eventguid) => shards.of(keys.meta(eventguid)));
      await withCommandTimeout(
        Promise.all([...groups].map(([shard, group]) => this.readShard(shard, group, answers))),
      );
    } catch (error) {
      throw unavailable(error);
    }
    return eventguids.map((eventguid) => answers.get(eventguid));
  }

  private async readShard(shard: Shard, eventguids: readonly EventGuid[], answers: Answers): Promise<void> {
    for (let start = 0; start < eventguids.length; start += BATCH) {
      await this.readBatch(shard, eventguids.slice(start, start + BATCH), answers);
    }
    await shard.barrier();
  }

  private async readBatch(shard: Shard, eventguids: readonly EventGuid[], answers: Answers): Promise<void> {
    const pipeline = shard.links.commands()?.pipeline();
    if (!pipeline) throw new Error('There is no connection to the master.');
    for (const eventguid of eventguids) {
      pipeline.hmget(this.redis.keys.meta(eventguid), 'epoch', 'offset', 'start', 'cut', 'past');
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [index, eventguid] of eventguids.entries()) {
      const [error, reply] = replies[index] ?? [new Error('The pipeline was not answered.'), undefined];
      const meta = this.redis.keys.meta(eventguid);
      // Of one event that cannot be read the others know nothing.
      const standing = await this.redis.unreadable.skip(meta, async () => {
        if (error) throw error;
        return parseStanding(reply as readonly (string | null)[]);
      });
      if (standing) answers.set(eventguid, standing);
    }
  }
}

function parseStanding([epoch, offset, start, cut, past]: readonly (string | null)[]): Standing | undefined {
  if (epoch === null || epoch === undefined) return undefined;
  const counts = [offset, start, cut].map(Number);
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) throw unreadableMeta();
  const position = { epoch, offset: Number(offset) };
  return { position, epochStart: Number(start), cut: Number(cut), ...parseClosed(past) };
}

/** Each closed epoch is written `epoch,end,openedAt;`. */
function parseClosed(past: string | null | undefined): Pick<Standing, 'closed'> {
  return past ? { closed: past.split(';').flatMap((one) => one.split(',', 1).filter(Boolean)) } : {};
}

function unreadableMeta(): HubError {
  return new HubError('bad-request', 'The meta of an event holds no position.');
}
