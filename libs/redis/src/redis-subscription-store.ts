import { parsePosition, type EventGuid, type Position } from '@ringback/contract';
import type {
  EventSummary,
  LeaseId,
  NewSubscription,
  Page,
  PageRequest,
  PutResult,
  StoredSubscription,
  SubscriptionStore,
} from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { EventIndex } from './event-index.js';
import { EventPages } from './event-pages.js';
import { freshEpoch } from './fresh-epoch.js';
import { HistoryPolicy, type HistoryOptions } from './history-limits.js';
import { command } from './redis-connection.js';
import { decodeName, encodeName } from './redis-keys.js';
import { parseScanCursor } from './scan-cursor.js';
import { runScript, SCRIPTS, type ScriptReply } from './scripts.js';
import { SessionIndex } from './session-index.js';
import { parseSubscription } from './subscription-field.js';

export interface RedisSubscriptionStoreOptions {
  /** The same as the relay's: it decides how long an event is remembered. */
  readonly history?: HistoryOptions;
}

/** Subscriptions restored at once: each is a script call on a slot of its own. */
const RESTORE_BATCH = 200;

/** The subscriptions of all nodes, in one hash for each event. */
export class RedisSubscriptionStore implements SubscriptionStore {
  private readonly metaTtlMs: number;
  private readonly index: EventIndex;
  private readonly pages: EventPages;
  private readonly sessions: SessionIndex;

  constructor(
    private readonly redis: RedisConnections,
    options: RedisSubscriptionStoreOptions = {},
  ) {
    this.metaTtlMs = new HistoryPolicy(options.history).metaTtlMs;
    this.index = new EventIndex(redis, 2 * this.metaTtlMs);
    this.pages = new EventPages(redis);
    this.sessions = new SessionIndex(redis, this.metaTtlMs);
  }

  async put(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber, lease } = subscription;
    const result = await this.sessions.whilePutting(subscriber, eventguid, async () => {
      await Promise.all([this.index.note(eventguid), this.sessions.hold(lease, subscriber, [eventguid])]);
      return this.store(subscription);
    });
    if (result.ended) await this.sessions.drop(subscriber, eventguid);
    return result;
  }

  async restore(subscriptions: readonly StoredSubscription[]): Promise<void> {
    for (const { subscriber } of subscriptions) this.sessions.unlist(subscriber);
    for (let start = 0; start < subscriptions.length; start += RESTORE_BATCH) {
      const batch = subscriptions.slice(start, start + RESTORE_BATCH);
      await this.touch([...new Set(batch.map(({ eventguid }) => eventguid))]);
      await Promise.all(batch.map((subscription) => this.restoreOne(subscription)));
    }
  }

  async remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean> {
    const { commands, keys } = this.redis;
    const reply = await runScript(
      commands,
      SCRIPTS.unsubscribe,
      [keys.meta(eventguid), keys.subs(eventguid), keys.named(eventguid)],
      [encodeName(subscriber), this.metaTtlMs, tell === undefined ? '' : keys.channel(eventguid)],
    );
    await this.sessions.drop(subscriber, eventguid);
    return reply === 1;
  }

  forget(eventguid: EventGuid, subscriber: string): Promise<void> {
    return this.sessions.drop(subscriber, eventguid);
  }

  removeSubscriber(subscriber: string, lease: LeaseId, eventguids: readonly EventGuid[]): Promise<void> {
    return this.sessions.endAll(lease, subscriber, eventguids);
  }

  async find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined> {
    const field = encodeName(subscriber);
    const value = await command(this.redis.commands.hget(this.redis.keys.subs(eventguid), field));
    return value === null ? undefined : parseSubscription(eventguid, field, value);
  }

  async subscriptions(eventguid: EventGuid, page: PageRequest): Promise<Page<StoredSubscription>> {
    const { commands, keys } = this.redis;
    const cursor = parseScanCursor(page.cursor);
    const [next, flat] = await command(
      commands.hscan(keys.subs(eventguid), cursor, 'COUNT', Math.max(1, page.limit)),
    );
    const items: StoredSubscription[] = [];
    for (let at = 0; at < flat.length; at += 2) {
      const [field = '', value = ''] = flat.slice(at, at + 2);
      const subscription = parseSubscription(eventguid, field, value);
      if (subscription) items.push(subscription);
    }
    return next === '0' ? { items } : { items, next };
  }

  event(eventguid: EventGuid): Promise<EventSummary | undefined> {
    return this.pages.summary(eventguid);
  }

  events(page: PageRequest): Promise<Page<EventSummary>> {
    return this.pages.page(page);
  }

  touch(eventguids: readonly EventGuid[]): Promise<void> {
    return this.index.touch(eventguids);
  }

  private async store(subscription: NewSubscription): Promise<PutResult> {
    const { keys } = this.redis;
    const { eventguid, after } = subscription;
    const reply = await runScript(
      this.redis.commands,
      SCRIPTS.subscribe,
      [keys.meta(eventguid), keys.log(eventguid), keys.subs(eventguid)],
      [...identify(subscription), freshEpoch(), after?.epoch ?? '', after?.offset ?? 0],
    );
    return parsePutResult(reply);
  }

  private async restoreOne(subscription: StoredSubscription): Promise<void> {
    const { keys, commands } = this.redis;
    const { eventguid, subscriber, lease, since, madeAt } = subscription;
    const reply = await this.sessions.whilePutting(subscriber, eventguid, async () => {
      await this.sessions.hold(lease, subscriber, [eventguid]);
      return runScript(
        commands,
        SCRIPTS.restore,
        [keys.meta(eventguid), keys.subs(eventguid)],
        [...identify(subscription), freshEpoch(), since.epoch, since.offset, madeAt],
      );
    });
    if (reply === -1) await this.sessions.drop(subscriber, eventguid);
  }
}

/** What `subscribe` and `restore` are told alike. */
function identify(subscription: NewSubscription): readonly string[] {
  const { subscriber, subscriptionId, cookie, lease } = subscription;
  return [
    encodeName(subscriber),
    encodeName(lease.nodeId),
    encodeName(lease.generation),
    encodeName(subscriptionId),
    cookie,
  ];
}

function parsePutResult(reply: ScriptReply): PutResult {
  const [id, since, epoch, offset, recovered, ended] = reply as readonly (Buffer | number)[];
  const position: Position = { epoch: String(epoch), offset: Number(String(offset)) };
  return {
    subscriptionId: decodeName(String(id)),
    since: parsePosition(String(since)),
    position,
    ...(recovered === -1 ? {} : { recovered: recovered === 1 }),
    ...(ended === 1 ? { ended: true } : {}),
  };
}
