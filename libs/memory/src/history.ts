import type { Envelope } from '@ringback/contract';
import type { HistoryLimits, Page, PageRequest, Relayed } from '@ringback/core';
import { parseCursor } from './numbered-map.js';

/** The bounded history of one event. Its offsets have no gaps, so an index is an offset. */
export class History {
  private readonly kept: Relayed[] = [];
  private bytes = 0;

  constructor(private readonly limits: HistoryLimits) {}

  get size(): number {
    return this.kept.length;
  }

  append(relayed: Relayed): void {
    this.kept.push(relayed);
    this.bytes += bytesOf(relayed.envelope);
  }

  /** Drops what is over the limits, or older than `ageMs`. */
  trim(now: number, ageMs: number): void {
    let dropped = 0;
    for (const { envelope } of this.kept) {
      if (!this.isOver(this.kept.length - dropped) && now - envelope.time < ageMs) break;
      this.bytes -= bytesOf(envelope);
      dropped++;
    }
    if (dropped > 0) this.kept.splice(0, dropped);
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
