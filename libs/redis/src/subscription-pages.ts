import type { EventGuid } from '@ringback/contract';
import { isNamed, type Members, type Page, type PageRequest, type StoredSubscription } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import type { EntryDisposal, StandingHash } from './entry-disposal.js';
import { decodeName, encodeName } from './redis-keys.js';
import { parseScanCursor } from './scan-cursor.js';
import { parseSubscription } from './subscription-field.js';

/** The two hashes of an event, in the order in which they are read. */
type Place = { readonly hash: StandingHash; readonly cursor: string };

/** What operators and those who ask for presence read of the subscriptions of an event. What is no subscription is removed on the way. */
export class SubscriptionPages {
  constructor(
    private readonly redis: RedisConnections,
    private readonly disposal: EntryDisposal,
  ) {}

  async find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined> {
    const { commands, keys } = this.redis;
    const field = encodeName(subscriber);
    const value = await command(commands.hget(keys.standing(eventguid, subscriber), field));
    if (value === null) return undefined;
    const subscription = parseSubscription(eventguid, field, value);
    const hash = isNamed(subscriber) ? 'named' : 'subs';
    if (!subscription) await this.disposal.discard(eventguid, hash, [Buffer.from(field)]);
    return subscription;
  }

  /** Those of connections first, then the named ones. */
  async page(eventguid: EventGuid, request: PageRequest): Promise<Page<StoredSubscription>> {
    const items: StoredSubscription[] = [];
    let place: Place | undefined = parsePlace(request.cursor);
    // At most one page of each hash: an empty one costs no further request.
    for (const hash of ['subs', 'named'] as const) {
      if (place?.hash !== hash || items.length >= request.limit) continue;
      const [next, found] = await this.scan(eventguid, place, request.limit - items.length);
      items.push(...found);
      place = next;
    }
    return place ? { items, next: formatPlace(place) } : { items };
  }

  /** Those present stand in a set of their own, which every cut, sweep and removal keeps right: total and a number of them cost no scan. */
  async present(eventguid: EventGuid, limit: number): Promise<Members> {
    const { commands, keys } = this.redis;
    const key = keys.present(eventguid);
    const [total, names] = await command(
      Promise.all([commands.scard(key), commands.srandmember(key, Math.max(0, limit))]),
    );
    return { members: names.map(decodeName), total: Math.max(total, names.length) };
  }

  private async scan(
    eventguid: EventGuid,
    { hash, cursor }: Place,
    limit: number,
  ): Promise<readonly [Place | undefined, readonly StoredSubscription[]]> {
    const { commands, keys } = this.redis;
    const key = hash === 'subs' ? keys.subs(eventguid) : keys.named(eventguid);
    // As bytes: what others have written need not be text.
    const [next, flat] = await command(commands.hscanBuffer(key, cursor, 'COUNT', Math.max(1, limit)));
    const found: StoredSubscription[] = [];
    const garbage: Buffer[] = [];
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [field, value] = flat.slice(at, at + 2) as [Buffer, Buffer];
      const subscription = parseSubscription(eventguid, String(field), String(value));
      if (subscription) found.push(subscription);
      else garbage.push(field);
    }
    if (garbage.length > 0) await this.disposal.discard(eventguid, hash, garbage);
    return [nextPlace(hash, String(next)), found];
  }
}

function nextPlace(hash: Place['hash'], cursor: string): Place | undefined {
  if (cursor !== '0') return { hash, cursor };
  return hash === 'subs' ? { hash: 'named', cursor } : undefined;
}

/** `n` marks the named ones; they begin at `n0`. */
function formatPlace({ hash, cursor }: Place): string {
  return hash === 'subs' ? cursor : `n${cursor}`;
}

function parsePlace(text: string | undefined): Place {
  if (!text?.startsWith('n')) return { hash: 'subs', cursor: parseScanCursor(text) };
  const cursor = text.slice(1);
  return { hash: 'named', cursor: cursor === '0' ? cursor : parseScanCursor(cursor) };
}
