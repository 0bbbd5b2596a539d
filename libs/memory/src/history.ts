import type { Envelope } from '@ringback/contract';
import type { HistoryLimits, Page, PageRequest, Relayed } from '@ringback/core';
import type { MemoryBudget } from './memory-budget.js';
import { parseCursor } from './numbered-map.js';

/** What an envelope takes beside its texts. */
const ENVELOPE_BYTES = 512;

/** The bounded history of one event. Its offsets have no gaps, so an index is an offset. */
export class History {
  private readonly kept: Relayed[] = [];
  private bytes = 0;

  constructor(
    private readonly limits: HistoryLimits,
    private readonly budget: MemoryBudget,
  ) {}

  get size(): number {
    return this.kept.length;
  }

  append(relayed: Relayed): void {
    const bytes = bytesOf(relayed.envelope);
    this.kept.push(relayed);
    this.bytes += bytes;
    this.budget.addHistory(bytes + ENVELOPE_BYTES);
  }

  /** Forgets all: who comes back is told that it has missed something. */
  clear(): void {
    this.budget.addHistory(-this.bytes - this.kept.length * ENVELOPE_BYTES);
    this.kept.length = 0;
    this.bytes = 0;
  }

  /** Drops what is over the limits, or older than `ageMs`. */
  trim(now: number, ageMs: number): void {
    let dropped = 0;
    const bytesBefore = this.bytes;
    for (const { envelope } of this.kept) {
      if (!this.isOver(this.kept.length - dropped) && now - envelope.time < ageMs) break;
      this.bytes -= bytesOf(envelope);
      dropped++;
    }
    if (dropped === 0) return;
    this.kept.splice(0, dropped);
    this.budget.addHistory(this.bytes - bytesBefore - dropped * ENVELOPE_BYTES);
  }

  /** What came after an offset, oldest first; `undefined` if the history does not reach back, as far as `last`. */
  after(offset: number, last: number): readonly Relayed[] | undefined {
    const missing = last - offset;
    if (missing > this.kept.length) return undefined;
    return missing === 0 ? [] : this.kept.slice(-missing);
  }

  page({ cursor, limit }: PageRequest): Page<Envelope> {
    const first = this.kept[0]?.envelope.position.offset ?? 1;
    const start = Math.max(0, parseCursor(cursor) - first + 1);
    const items = this.kept.slice(start, start + Math.max(1, limit)).map(({ envelope }) => envelope);
    const last = items.at(-1)?.position.offset;
    const more = last !== undefined && start + items.length < this.kept.length;
    return more ? { items, next: `${last}` } : { items };
  }

  private isOver(count: number): boolean {
    const { envelopes, bytes } = this.limits;
    return count > envelopes || this.bytes > bytes;
  }
}

function bytesOf({ data, type, contentType, source, id }: Envelope): number {
  const labels = [type, contentType, source, id];
  return [data, ...labels].reduce<number>(
    (sum, part) => sum + (part === undefined ? 0 : Buffer.byteLength(part)),
    0,
  );
}
