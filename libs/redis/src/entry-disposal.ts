import type { EventGuid } from '@ringback/contract';
import type { RedisConnections } from './connections.js';
import { runScript, SCRIPTS } from './scripts.js';

/** The hashes of an event in which subscriptions stand. */
export type StandingHash = 'subs' | 'named';

/** Takes out of the hashes of events what is no subscription: triggers count their fields, and could count nothing else at that price. */
export class EntryDisposal {
  constructor(
    private readonly redis: RedisConnections,
    private readonly metaTtlMs: number,
  ) {}

  /**
   * Reports each of the fields and removes those in which no subscription of this version or of a later one stands. Resolves once they count as
   * subscribers no longer. Nothing is removed while the cluster has another format, or none that can be read.
   */
  async discard(eventguid: EventGuid, hash: StandingHash, fields: readonly Buffer[]): Promise<void> {
    const [key, other] = this.keysOf(eventguid, hash);
    const removed = await this.remove(eventguid, [key, other], fields);
    for (const field of fields) {
      this.redis.unreadable.report(key, 'not a subscription', { fieldBytes: field.length, removed });
    }
  }

  /** Resolves to whether all are gone. */
  private async remove(
    eventguid: EventGuid,
    hashes: readonly [string, string],
    fields: readonly Buffer[],
  ): Promise<boolean> {
    const { commands, format, keys } = this.redis;
    const isOurs = await format.check().then(
      () => true,
      () => false,
    );
    if (!isOurs) return false;
    const names = [keys.meta(eventguid), ...hashes];
    const gone = await runScript(commands, SCRIPTS.discard, names, [this.metaTtlMs, ...fields]);
    return gone === fields.length;
  }

  private keysOf(eventguid: EventGuid, hash: StandingHash): readonly [string, string] {
    const { keys } = this.redis;
    const [subs, named] = [keys.subs(eventguid), keys.named(eventguid)];
    return hash === 'subs' ? [subs, named] : [named, subs];
  }
}
