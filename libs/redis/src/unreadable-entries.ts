import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { isUnreadable } from './error-reply.js';
import { command, type RedisConnection } from './redis-connection.js';

/** The longest name of a key in the log. */
const MAX_KEY_LENGTH = 300;

/** Keys and the type that Redis says of each. */
export type SharedKeys = readonly (readonly [key: string, type: string])[];

/** Counts and logs what stands in Redis, or comes over its channels, and is none of ours. It is left out, and never in the way of anything else. */
export class UnreadableEntries {
  private found = 0;

  constructor(
    private readonly commands: RedisConnection,
    private readonly log: Log,
  ) {}

  /** How many there have been so far. */
  get count(): number {
    return this.found;
  }

  /** `key` is the key or channel; `cause` says what was wrong with it, and never holds the entry itself. */
  report(key: string, cause: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.found++;
    this.log.error('redis entry unreadable', { key: key.slice(0, MAX_KEY_LENGTH), cause, ...fields });
  }

  /** Awaits work on a key. What cannot be read there is reported, and thrown on like any other failure. */
  async watch<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isUnreadable(error)) this.report(key, (error as Error).message, { error });
      throw error;
    }
  }

  /**
   * Awaits work on what all nodes share, which may be done twice. Something of another type in its place is removed, after a line in the log, and the work
   * done again: it would be in everybody's way, and nothing of ours is in it.
   */
  async replaceForeign<Result>(shared: SharedKeys, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    for (const [key, type] of shared) await this.removeForeign(key, type);
    return work();
  }

  private async removeForeign(key: string, type: string): Promise<void> {
    const found = await command(this.commands.type(key));
    if (found === type || found === 'none') return;
    this.report(key, `a ${found} in the place of a ${type}`, { removed: true });
    await command(this.commands.del(key));
  }

  /** Awaits work on one key of many: what cannot be read there is reported and becomes `undefined`; any other failure is thrown on. */
  async skip<Result>(key: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      const isParsed = error instanceof HubError && ['bad-request', 'bad-eventguid'].includes(error.code);
      if (!isParsed && !isUnreadable(error)) throw error;
      this.report(key, (error as Error).message, { error });
      return undefined;
    }
  }
}
