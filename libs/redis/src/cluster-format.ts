import { HubError } from '@ringback/contract';
import { command, notSent, type RedisConnection } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';

/**
 * The number of the format in which this version stores in Redis and speaks between nodes. It goes up when nodes of the version before could not live
 * beside this one, or not read what it stores (docs/adr/0023-a-number-for-the-cluster-format.md).
 */
const CLUSTER_FORMAT = '1';
/** Characters of what is no number, in the log. */
const MAX_SHOWN = 32;

/** Keeps nodes of different formats out of one cluster: the first one writes its number, the others must have the same. */
export class ClusterFormat {
  private mismatch: HubError | undefined;
  private checking: Promise<void> | undefined;

  constructor(
    private readonly commands: RedisConnection,
    private readonly keys: RedisKeys,
  ) {}

  /** Whether the cluster had the format of this node when it was last checked. */
  get matches(): boolean {
    return this.mismatch === undefined;
  }

  /** To be called before anything is written that may be the first in this Redis. Rejects with `internal` if the cluster has another format. */
  check(): Promise<void> {
    this.checking ??= this.compare().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  /** Throws `relay-unavailable` if the last check has found another format. */
  assertMatches(): void {
    if (this.mismatch) throw notSent(this.mismatch.message);
  }

  /** What was stored before there was a number is of format 1: it gets the number now. */
  private async compare(): Promise<void> {
    const found = await command(this.commands.set(this.keys.format, CLUSTER_FORMAT, 'NX', 'GET'));
    const isOther = found !== null && found !== CLUSTER_FORMAT;
    this.mismatch = isOther ? otherFormat(found, this.keys.prefix) : undefined;
    if (this.mismatch) throw this.mismatch;
  }
}

function otherFormat(found: string, prefix: string): HubError {
  return new HubError(
    'internal',
    `Redis holds a cluster of format ${shorten(found)} under the prefix ${prefix}, and this version has format ${CLUSTER_FORMAT}: start the version that the other nodes run, or choose another prefix.`,
  );
}

/** Somebody else may have written there whatever they liked. */
function shorten(found: string): string {
  return /^\d{1,9}$/.test(found) ? found : JSON.stringify(found.slice(0, MAX_SHOWN));
}
