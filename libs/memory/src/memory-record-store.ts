import type { Clock, RecordFields, RecordStore, RecordWrite } from '@ringback/core';

interface KeptRecord {
  readonly fields: Map<string, string>;
  endsAt: number;
}

const FORGET_EVERY_MS = 1_000;

/** The records of a `MemoryCluster`; the same for all of its nodes. */
export class MemoryRecordStore implements RecordStore {
  private readonly records = new Map<string, KeptRecord>();
  private forgottenAt = 0;

  constructor(private readonly clock: Clock) {}

  /** How many are kept. */
  get size(): number {
    return this.records.size;
  }

  async write(name: string, { fields, dropped = [], ttlMs }: RecordWrite): Promise<void> {
    this.forgetEnded();
    const record = this.find(name) ?? { fields: new Map<string, string>(), endsAt: 0 };
    for (const field of dropped) record.fields.delete(field);
    for (const [field, text] of fields) record.fields.set(field, text);
    record.endsAt = this.clock.now() + ttlMs;
    this.records.set(name, record);
  }

  async read(name: string): Promise<RecordFields | undefined> {
    const record = this.find(name);
    return record && record.fields.size > 0 ? new Map(record.fields) : undefined;
  }

  async touch(names: readonly string[], ttlMs: number): Promise<readonly string[]> {
    const endsAt = this.clock.now() + ttlMs;
    return names.filter((name) => {
      const record = this.find(name);
      if (record) record.endsAt = endsAt;
      return !record;
    });
  }

  async remove(name: string): Promise<void> {
    this.records.delete(name);
  }

  clear(): void {
    this.records.clear();
  }

  private find(name: string): KeptRecord | undefined {
    const record = this.records.get(name);
    return record && this.clock.now() < record.endsAt ? record : undefined;
  }

  /** Most are written once and never asked for again. */
  private forgetEnded(): void {
    const now = this.clock.now();
    if (now - this.forgottenAt < FORGET_EVERY_MS) return;
    this.forgottenAt = now;
    for (const [name, { endsAt }] of this.records) if (endsAt <= now) this.records.delete(name);
  }
}
