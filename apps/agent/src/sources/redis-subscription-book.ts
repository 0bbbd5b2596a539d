import type { RedisConnections } from '@ringback/redis';
import type { AgentKeys } from '../agent-keys.js';
import { storeAnswer } from '../store-answer.js';
import { formatEntry, parseEntry } from './book-entry.codec.js';
import type { BookEntry, SubscriptionBook } from './subscription-book.port.js';

/**
 * KEYS[1] book, KEYS[2] revision. ARGV[1] eventguid, ARGV[2] the entry before or '', ARGV[3] the entry after or ''. Answers 1 if it was
 * replaced. Atomic because several agents write.
 */
const REPLACE = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('INCR', KEYS[2])
return 1`;

/** The subscriptions of all agents with the same Redis and prefix. */
export class RedisSubscriptionBook implements SubscriptionBook {
  constructor(
    private readonly redis: Pick<RedisConnections, 'commands' | 'unreadable'>,
    private readonly keys: AgentKeys,
  ) {}

  async list(hub: string): Promise<readonly BookEntry[]> {
    const texts = await storeAnswer(() => this.redis.commands.hvals(this.keys.book(hub)));
    return texts.flatMap((text) => this.parse(hub, text) ?? []);
  }

  async get(hub: string, eventguid: string): Promise<BookEntry | undefined> {
    const text = await storeAnswer(() => this.redis.commands.hget(this.keys.book(hub), eventguid));
    return text === null ? undefined : this.parse(hub, text);
  }

  async replace(hub: string, before: BookEntry | undefined, after: BookEntry | undefined): Promise<boolean> {
    const keys = [this.keys.book(hub), this.keys.bookRevision(hub)] as const;
    const eventguid = (before ?? after)?.eventguid ?? '';
    const texts = [before, after].map((entry) => (entry ? formatEntry(entry) : ''));
    return (
      (await storeAnswer(() => this.redis.commands.eval(REPLACE, 2, ...keys, eventguid, ...texts))) === 1
    );
  }

  /** What cannot be read is none, and in nobody's way. */
  private parse(hub: string, text: string): BookEntry | undefined {
    const entry = parseEntry(text);
    if (!entry)
      this.redis.unreadable.report(this.keys.book(hub), 'not a subscription', { bytes: text.length });
    return entry;
  }

  async revision(hub: string): Promise<number> {
    return Number(await storeAnswer(() => this.redis.commands.get(this.keys.bookRevision(hub))));
  }
}
