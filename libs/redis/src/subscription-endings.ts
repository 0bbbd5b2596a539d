import type { EventGuid } from '@ringback/contract';
import { isNamed } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { encodeName } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';

/** Which subscriptions are to be ended; all of the subscriber if nothing is said. */
export interface EndingCondition {
  /** Put last by this node. */
  readonly nodeId?: string;
  /** Put last under this generation of the lease. */
  readonly generation?: string;
  /** Made before that, in milliseconds since 1970. */
  readonly madeBefore?: number;
  readonly tell?: 'tell-nodes';
}

/** Ends stored subscriptions, those of named subscribers that cuts have set aside included. */
export class SubscriptionEndings {
  constructor(
    private readonly redis: RedisConnections,
    private readonly metaTtlMs: number,
  ) {}

  /** Resolves to how many this call ended. Rejects with `relay-unavailable`. */
  async end(eventguid: EventGuid, subscriber: string, condition: EndingCondition = {}): Promise<number> {
    const { nodeId = '', generation = '', madeBefore = '', tell } = condition;
    const reply = await runScript(
      this.redis.commands,
      SCRIPTS.unsubscribe,
      this.keysOf(eventguid, subscriber),
      [
        encodeName(subscriber),
        this.metaTtlMs,
        this.redis.keys.channel(eventguid),
        tell === undefined ? 0 : 1,
        encodeName(nodeId),
        encodeName(generation),
        madeBefore,
      ],
    );
    return Number(reply);
  }

  private keysOf(eventguid: EventGuid, subscriber: string): readonly string[] {
    const { keys } = this.redis;
    const [meta, present] = [keys.meta(eventguid), keys.present(eventguid)];
    const [subs, named] = [keys.subs(eventguid), keys.named(eventguid)];
    return isNamed(subscriber)
      ? [meta, named, subs, present, keys.cuts(eventguid)]
      : [meta, subs, named, present];
  }
}
