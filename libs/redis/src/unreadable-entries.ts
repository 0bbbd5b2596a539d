import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { isUnreadable } from './error-reply.js';

/** The longest name of a key in the log. */
const MAX_KEY_LENGTH = 300;

/** Counts and logs what stands in Redis, or comes over its channels, and is none of ours. It is left out, and never in the way of anything else. */
export class UnreadableEntries {
  private found = 0;

  constructor(private readonly log: Log) {}

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

  /** Awaits work on one key of many: what cannot be read there is reported and becomes `undefined`; any other failure is thrown on. */
  async skip<Result>(key: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      const isParsed = error instanceof HubError && error.code === 'bad-request';
      if (!isParsed && !isUnreadable(error)) throw error;
      this.report(key, (error as Error).message, { error });
      return undefined;
    }
  }
}
