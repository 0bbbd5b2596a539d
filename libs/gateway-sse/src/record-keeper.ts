import type { RecordFields, RecordStore } from '@ringback/core';
import type { IdleRecords } from './idle-records.js';

/** Records are touched so often in their time to live. */
const TOUCHES_IN_TTL = 3;

/** A record that a stream needs. */
export interface NeededRecord {
  readonly name: string;
  /** About what it takes in the cluster. */
  readonly bytes: number;
  /** What it is made of again where it is lost; absent where it cannot be. */
  readonly fields?: RecordFields;
}

interface SharedRecord extends NeededRecord {
  /** How many streams need it. */
  readonly streams: number;
}

/** How long records last when no stream needs them any more. */
export interface RecordTimes {
  readonly streamTtlMs: number;
  /** Where there is no room for so many. */
  readonly preparedTtlMs: number;
}

/** Keeps records from expiring while streams of this node need them, and for a while after, and makes those again that a Redis has lost. */
export class RecordKeeper {
  private readonly needed = new Map<string, SharedRecord>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly records: RecordStore,
    private readonly idle: IdleRecords,
    private readonly times: RecordTimes,
    private readonly reportError: (error: unknown) => void,
  ) {}

  /** From now on until what this returns is called, once. */
  keep(record: NeededRecord): () => void {
    const { name } = record;
    this.needed.set(name, { ...record, streams: (this.needed.get(name)?.streams ?? 0) + 1 });
    this.idle.release(name);
    const { ttlMs } = this;
    this.touch([record], ttlMs);
    const touchAll = (): void => this.touch([...this.needed.values()], ttlMs);
    this.timer ??= setInterval(touchAll, ttlMs / TOUCHES_IN_TTL).unref();
    return () => this.letGo(record);
  }

  get ttlMs(): number {
    return this.times.streamTtlMs;
  }

  private letGo(record: NeededRecord): void {
    const { name } = record;
    const streams = (this.needed.get(name)?.streams ?? 1) - 1;
    if (streams > 0) this.needed.set(name, { ...record, streams });
    else this.needed.delete(name);
    this.touch([record], streams > 0 ? this.ttlMs : this.leave(record));
    if (this.needed.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** How long it lasts from now on. */
  private leave({ name, bytes }: NeededRecord): number {
    const { streamTtlMs, preparedTtlMs } = this.times;
    return this.idle.reserve(name, bytes, streamTtlMs) ? streamTtlMs : Math.min(preparedTtlMs, streamTtlMs);
  }

  private touch(needed: readonly NeededRecord[], ttlMs: number): void {
    this.touchOrMake(needed, ttlMs).catch(this.reportError);
  }

  private async touchOrMake(needed: readonly NeededRecord[], ttlMs: number): Promise<void> {
    const { records } = this;
    const names = needed.map(({ name }) => name);
    const lost = new Set(await records.touch(names, ttlMs));
    for (const { name, fields } of needed)
      if (fields && lost.has(name)) await records.write(name, { fields, ttlMs });
  }
}
