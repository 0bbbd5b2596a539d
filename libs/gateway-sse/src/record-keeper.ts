import type { RecordFields, RecordStore } from '@ringback/core';

/** Records are touched so often in their time to live. */
const TOUCHES_IN_TTL = 3;

/** A record that a stream needs. */
export interface NeededRecord {
  readonly name: string;
  /** What it is made of again where it is lost; absent where it cannot be. */
  readonly fields?: RecordFields;
}

interface SharedRecord extends NeededRecord {
  /** How many streams need it. */
  readonly streams: number;
}

/** Keeps records from expiring while streams of this node need them, and makes those again that a Redis has lost. They last for `ttlMs` after. */
export class RecordKeeper {
  private readonly needed = new Map<string, SharedRecord>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly records: RecordStore,
    readonly ttlMs: number,
    private readonly reportError: (error: unknown) => void,
  ) {}

  /** From now on until what this returns is called, once. */
  keep(record: NeededRecord): () => void {
    const { name } = record;
    this.needed.set(name, { ...record, streams: (this.needed.get(name)?.streams ?? 0) + 1 });
    this.touch([record]);
    this.timer ??= setInterval(
      () => this.touch([...this.needed.values()]),
      this.ttlMs / TOUCHES_IN_TTL,
    ).unref();
    return () => this.letGo(record);
  }

  private letGo(record: NeededRecord): void {
    const { name } = record;
    const streams = (this.needed.get(name)?.streams ?? 1) - 1;
    if (streams > 0) this.needed.set(name, { ...record, streams });
    else this.needed.delete(name);
    this.touch([record]);
    if (this.needed.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private touch(needed: readonly NeededRecord[]): void {
    this.touchOrMake(needed).catch(this.reportError);
  }

  private async touchOrMake(needed: readonly NeededRecord[]): Promise<void> {
    const { records, ttlMs } = this;
    const names = needed.map(({ name }) => name);
    const lost = new Set(await records.touch(names, ttlMs));
    for (const { name, fields } of needed)
      if (fields && lost.has(name)) await records.write(name, { fields, ttlMs });
  }
}
