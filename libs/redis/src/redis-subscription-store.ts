import { DEFAULT_LIMITS, HubError, type EventGuid, type Position } from '@ringback/contract';
import {
  isNamed,
  type EventSummary,
  type HistoryOptions,
  type LeaseId,
  type Members,
  type NewSubscription,
  type Page,
  type PageRequest,
  type PutResult,
  type Resumption,
  type StoredSubscription,
  type SubscriptionStore,
} from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { EntryDisposal } from './entry-disposal.js';
import { EventIndex } from './event-index.js';
import { EventPages } from './event-pages.js';
import { freshEpoch } from './fresh-epoch.js';
import { metaTtlMs, SESSION_TTL_MS } from './history-limits.js';
import { encodeName } from './redis-keys.js';
import { parseResumption } from './resumption.js';
import { runScript, SCRIPTS } from './scripts.js';
import { SessionIndex } from './session-index.js';
import { SubscriptionEndings } from './subscription-endings.js';
import { describeToScript, parsePutResult } from './subscription-field.js';
import { SubscriptionPages } from './subscription-pages.js';
import { isTransient, isUndone, whileReconnecting } from './while-reconnecting.js';

export interface RedisSubscriptionStoreOptions {
  /** The same as the relay's: it decides how long an event is remembered. */
  readonly history?: HistoryOptions;
  /** How long what a named subscriber may have missed is kept. Default 24 h. */
  readonly sessionTtlMs?: number;
  /** Most bytes that the durable sessions of one identity keep. Default 256 MiB. */
  readonly durableBytesPerIdentity?: number;
}

/** Subscriptions restored at once: each is a script call on a slot of its own. */
const RESTORE_BATCH = 200;

/** The subscriptions of all nodes, in two hashes for each event: those of connections, and those of named subscribers. */
export class RedisSubscriptionStore implements SubscriptionStore {
  private readonly metaTtlMs: number;
  private readonly sessionTtlMs: number;
  private readonly durableBytes: number;
  private readonly index: EventIndex;
  private readonly eventPages: EventPages;
  private readonly pages: SubscriptionPages;
  private readonly sessions: SessionIndex;
  private readonly endings: SubscriptionEndings;

  constructor(
    private readonly redis: RedisConnections,
    options: RedisSubscriptionStoreOptions = {},
  ) {
    this.sessionTtlMs = options.sessionTtlMs ?? SESSION_TTL_MS;
    this.durableBytes = options.durableBytesPerIdentity ?? DEFAULT_LIMITS.durableBytesPerIdentity;
    this.metaTtlMs = metaTtlMs(options.history, this.sessionTtlMs);
    this.index = new EventIndex(redis, 2 * this.metaTtlMs);
    this.eventPages = new EventPages(redis);
    this.pages = new SubscriptionPages(redis, new EntryDisposal(redis, this.metaTtlMs));
    this.sessions = new SessionIndex(redis, this.metaTtlMs);
    this.endings = new SubscriptionEndings(redis, this.metaTtlMs);
  }

  async put(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber } = subscription;
    this.redis.format.assertMatches();
    const put = () =>
      isNamed(subscriber)
        ? this.storeNamed(subscription)
        : whileReconnecting(() => this.storeEphemeral(subscription));
    const watched = () => this.redis.unreadable.watch(this.redis.keys.channel(eventguid), put);
    const result = await this.sessions
      .whilePutting(subscriber, eventguid, watched)
      .catch((error: unknown) => this.refuse(subscription, error));
    if (result.ended) await this.sessions.drop(subscriber, eventguid);
    return result;
  }

  async restore(subscriptions: readonly StoredSubscription[]): Promise<void> {
    await this.redis.format.check();
    for (const { subscriber } of subscriptions) this.sessions.unlist(subscriber);
    for (let start = 0; start < subscriptions.length; start += RESTORE_BATCH) {
      const batch = subscriptions.slice(start, start + RESTORE_BATCH);
      await this.touch([...new Set(batch.map(({ eventguid }) => eventguid))]);
      await Promise.all(batch.map((one) => this.redis.turns.run(() => this.restoreOne(one))));
    }
  }

  async remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean> {
    const ended = await this.endings.end(eventguid, subscriber, tell === undefined ? {} : { tell });
    await this.sessions.drop(subscriber, eventguid);
    return ended > 0;
  }

  forget(eventguid: EventGuid, subscriber: string): Promise<void> {
    return this.sessions.drop(subscriber, eventguid);
  }

  async resume(
    eventguid: EventGuid,
    subscriber: string,
    lease: LeaseId,
    seen: Position | undefined,
  ): Promise<Resumption> {
    const resumption = await whileReconnecting(() => this.takeOver(eventguid, subscriber, lease, seen));
    if (resumption.subscriptions.length === 0) await this.sessions.drop(subscriber, eventguid);
    else await this.sessions.hold(lease, subscriber, [eventguid]);
    return resumption;
  }

  async settle(eventguid: EventGuid, subscriber: string, upTo: Position): Promise<number> {
    const { commands, keys } = this.redis;
    const names = [keys.meta(eventguid), keys.cuts(eventguid)];
    const args = [encodeName(subscriber), upTo.epoch, upTo.offset];
    const counted = await runScript(commands, SCRIPTS.settle, names, args);
    await this.sessions.drop(subscriber, eventguid);
    return Number(String(counted));
  }

  present(eventguid: EventGuid, limit: number): Promise<Members> {
    return this.pages.present(eventguid, limit);
  }

  removeSubscriber(subscriber: string, lease: LeaseId, eventguids: readonly EventGuid[]): Promise<void> {
    return this.sessions.endAll(lease, subscriber, eventguids);
  }

  find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined> {
    return this.pages.find(eventguid, subscriber);
  }

  subscriptions(eventguid: EventGuid, page: PageRequest): Promise<Page<StoredSubscription>> {
    return this.pages.page(eventguid, page);
  }

  event(eventguid: EventGuid): Promise<EventSummary | undefined> {
    return this.eventPages.summary(eventguid);
  }

  events(page: PageRequest): Promise<Page<EventSummary>> {
    return this.eventPages.page(page);
  }

  touch(eventguids: readonly EventGuid[]): Promise<void> {
    return this.index.touch(eventguids);
  }

  /** Throws the error on. What was reserved for a subscription that is too much is given back. */
  private async refuse({ eventguid, subscriber }: NewSubscription, error: unknown): Promise<never> {
    if (error instanceof HubError && error.code === 'durable-bytes-limit') {
      await this.sessions.drop(subscriber, eventguid).catch((cause: unknown) => {
        this.redis.log.warn('durable bytes not given back', { eventguid, error: cause });
      });
    }
    throw error;
  }

  /** To be repeated: it finds its own subscription, which it leaves as it is. */
  private async storeEphemeral(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber, lease } = subscription;
    await Promise.all([this.index.note(eventguid), this.sessions.hold(lease, subscriber, [eventguid])]);
    return this.store(subscription);
  }

  /** Stores it once only: a one-shot may have ended it before a repeat comes, which would make a second one. */
  private storeNamed(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber, lease } = subscription;
    let stored: PutResult | undefined;
    const attempt = async (): Promise<PutResult> => {
      const [bytes] = await Promise.all([
        this.sessions.reserve(subscription, this.durableBytes),
        this.index.note(eventguid),
      ]);
      stored ??= await this.store(subscription);
      // Another node that has just ended what the subscriber held may have taken the entry off in between.
      await this.sessions.keep(lease, subscriber, eventguid, bytes);
      return stored;
    };
    return whileReconnecting(attempt, (error) => (stored ? isTransient(error) : isUndone(error)));
  }

  private async store(subscription: NewSubscription): Promise<PutResult> {
    const { commands, keys } = this.redis;
    const { eventguid, subscriber, after } = subscription;
    const hash = keys.standing(eventguid, subscriber);
    const names = [keys.meta(eventguid), keys.log(eventguid), hash, keys.present(eventguid)];
    // From now on the history is kept for as long as the subscriber may be away.
    const leastLogTtlMs = isNamed(subscriber) ? this.sessionTtlMs : 0;
    const reply = await runScript(commands, SCRIPTS.subscribe, names, [
      ...describeToScript(subscription),
      freshEpoch(),
      keys.channel(eventguid),
      leastLogTtlMs,
      after?.epoch ?? '',
      after?.offset ?? 0,
    ]);
    return parsePutResult(reply);
  }

  private async takeOver(
    eventguid: EventGuid,
    subscriber: string,
    lease: LeaseId,
    seen: Position | undefined,
  ): Promise<Resumption> {
    const { commands, keys } = this.redis;
    const names = [keys.meta(eventguid), keys.log(eventguid), keys.subs(eventguid), keys.named(eventguid)];
    const reply = await runScript(
      commands,
      SCRIPTS.resume,
      [...names, keys.cuts(eventguid)],
      [
        encodeName(subscriber),
        encodeName(lease.nodeId),
        encodeName(lease.generation),
        freshEpoch(),
        this.metaTtlMs,
        seen?.epoch ?? '',
        seen?.offset ?? 0,
      ],
    );
    return parseResumption(eventguid, reply, (cause) =>
      this.redis.unreadable.report(keys.cuts(eventguid), cause),
    );
  }

  private async restoreOne(subscription: StoredSubscription): Promise<void> {
    const { keys, commands } = this.redis;
    const { eventguid, subscriber, lease, since, madeAt } = subscription;
    const hash = keys.standing(eventguid, subscriber);
    const reply = await this.sessions.whilePutting(subscriber, eventguid, async () => {
      if (isNamed(subscriber)) await this.sessions.keepAgain(subscription);
      else await this.sessions.hold(lease, subscriber, [eventguid]);
      return runScript(
        commands,
        SCRIPTS.restore,
        [keys.meta(eventguid), hash, keys.present(eventguid)],
        [
          ...describeToScript(subscription),
          freshEpoch(),
          keys.channel(eventguid),
          since.epoch,
          since.offset,
          madeAt,
        ],
      );
    });
    if (reply === -1) await this.sessions.drop(subscriber, eventguid);
  }
}
