import type { TurnBudget } from '@ringback/async';
import { HubError } from '@ringback/contract';
import { identityOf, type Log } from '@ringback/core';
import { command, type RedisConnection } from './redis-connection.js';
import { decodeName, encodeName, type RedisKeys } from './redis-keys.js';
import { runScript, SCRIPTS } from './scripts.js';
import { parseWeighed, type Weighed } from './session-fields.js';
import { bytesBesideNames } from './subscription-bytes.js';
import type { UnreadableEntries } from './unreadable-entries.js';

/** An identity that is full is counted anew at most this often, by one node. */
const RECOUNT_EVERY_MS = 60_000;
const BATCH = 100;

export interface DurableBytesParts {
  readonly commands: RedisConnection;
  readonly keys: RedisKeys;
  readonly turns: TurnBudget;
  readonly unreadable: UnreadableEntries;
  readonly log: Log;
}

/**
 * How many bytes the durable sessions of each identity keep. A session knows its own, in its slot; the identity, in another slot, is told each time they
 * change, with a version, so that what comes late changes nothing. What a node that died could not tell is told when the session is taken, left or
 * ended, or when its identity is full.
 */
export class DurableBytes {
  /** Of the identities of which this node has heard: the one that keeps most. */
  private most = { identity: '', bytes: 0 };

  constructor(private readonly parts: DurableBytesParts) {}

  /** Bytes of the identity that keeps most, as this node last heard. */
  get fullest(): number {
    return this.most.bytes;
  }

  /** Notes what a session is about to keep. Rejects with `durable-bytes-limit`, with nothing noted, if that is more than before and the identity would keep more than `most`. */
  async reserve(subscriber: string, weighed: Weighed, most: number): Promise<void> {
    if (await this.tell(subscriber, weighed, String(most))) return;
    const identity = identityOf(subscriber);
    this.recount(identity).catch((error: unknown) => {
      this.parts.log.warn('durable sessions not recounted', { error });
    });
    throw new HubError(
      'durable-bytes-limit',
      `The durable subscribers of one identity may keep ${most} bytes.`,
    );
  }

  /** Notes what a session keeps. Never rejects: it is noted with the next change then. */
  async note(subscriber: string, weighed: Weighed): Promise<void> {
    try {
      await this.tell(subscriber, weighed, '');
    } catch (error) {
      this.parts.log.warn('durable bytes not noted', { subscriber, error });
    }
  }

  /** Counts all sessions of an identity anew, unless that was done a moment ago. */
  async recount(identity: string): Promise<void> {
    const { commands, keys, turns } = this.parts;
    const claim = keys.claim(`recount ${identity}`);
    if ((await command(commands.set(claim, '1', 'PX', RECOUNT_EVERY_MS, 'NX'))) === null) return;
    let cursor = '0';
    do {
      const [next, flat] = await command(commands.hscan(keys.identity(identity), cursor, 'COUNT', BATCH));
      const sessions = flat.filter((field, index) => index % 2 === 0 && !field.startsWith('{'));
      await Promise.all(sessions.map((session) => turns.run(() => this.recountSession(decodeName(session)))));
      cursor = next;
    } while (cursor !== '0');
  }

  private async recountSession(subscriber: string): Promise<void> {
    const { commands, keys, unreadable } = this.parts;
    const key = keys.session(subscriber);
    const args = [bytesBesideNames(subscriber)];
    const reply = await unreadable.skip(key, () => runScript(commands, SCRIPTS.recountSession, [key], args));
    if (reply) await this.tell(subscriber, parseWeighed(reply), '');
  }

  private async tell(subscriber: string, { bytes, version }: Weighed, most: string): Promise<boolean> {
    const { commands, keys, unreadable } = this.parts;
    const identity = identityOf(subscriber);
    const key = keys.identity(identity);
    const args = [encodeName(subscriber), bytes, version, most];
    const reply = await unreadable.replaceForeign([[key, 'hash']], () =>
      runScript(commands, SCRIPTS.noteIdentity, [key], args),
    );
    const [noted, sum] = reply as readonly [number, Buffer];
    this.hear(identity, Number(String(sum)));
    return noted === 1;
  }

  private hear(identity: string, bytes: number): void {
    if (identity === this.most.identity || bytes > this.most.bytes) this.most = { identity, bytes };
  }
}
