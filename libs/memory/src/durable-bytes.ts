import { HubError, utf8Bytes, type EventGuid } from '@ringback/contract';
import { identityOf, isNamed } from '@ringback/core';

/** What a node of a cluster with Redis counts for one subscription beside its names and its cookie. */
const OVERHEAD_BYTES = 400;

/** What the durable subscribers of each identity keep, counted as in Redis. */
export class DurableBytes {
  private readonly identities = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Bytes of the identity that keeps most. */
  get fullest(): number {
    return Math.max(0, ...this.identities.values());
  }

  /** Throws `durable-bytes-limit` if the subscriber is to keep more than before, and its identity would keep more than it may. */
  assertRoom(subscriber: string, before: number, after: number): void {
    const all = this.identities.get(identityOf(subscriber)) ?? 0;
    if (after <= before || all - before + after <= this.most) return;
    throw new HubError(
      'durable-bytes-limit',
      `The durable subscribers of one identity may keep ${this.most} bytes.`,
    );
  }

  change(subscriber: string, difference: number): void {
    if (difference === 0) return;
    const identity = identityOf(subscriber);
    const bytes = (this.identities.get(identity) ?? 0) + difference;
    if (bytes > 0) this.identities.set(identity, bytes);
    else this.identities.delete(identity);
  }

  clear(): void {
    this.identities.clear();
  }
}

/** What a subscriber keeps of an event with these cookies; ephemeral ones keep nothing. */
export function bytesOf(subscriber: string, eventguid: EventGuid, cookies: readonly string[]): number {
  if (!isNamed(subscriber)) return 0;
  const each = OVERHEAD_BYTES + 2 * (utf8Bytes(subscriber) + utf8Bytes(eventguid));
  return cookies.reduce((sum, cookie) => sum + each + utf8Bytes(cookie), 0);
}
