import type { RecordStore } from '@ringback/core';

/** Records are touched so often in their time to live. */
const TOUCHES_IN_TTL = 3;

/** Keeps records from expiring while streams of this node need them. They last for `ttlMs` after. */
export class RecordKeeper {
  /** How many streams need each. */
  private readonly kept = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly records: RecordStore,
    readonly ttlMs: number,
    private readonly reportError: (error: unknown) => void,
  ) {}

  /** From now on until what this returns is called, once. */
  keep(name: string): () => void {
    this.kept.set(name, (this.kept.get(name) ?? 0) + 1);
    this.touch([name]);
    this.timer ??= setInterval(() => this.touch([...this.kept.keys()]), this.ttlMs / TOUCHES_IN_TTL).unref();
    return () => this.letGo(name);
  }

  private letGo(name: string): void {
    const left = (this.kept.get(name) ?? 1) - 1;
    if (left > 0) this.kept.set(name, left);
    else this.kept.delete(name);
    this.touch([name]);
    if (this.kept.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private touch(names: readonly string[]): void {
    this.records.touch(names, this.ttlMs).catch(this.reportError);
  }
}
