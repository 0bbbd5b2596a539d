import type { Relayed } from '@ringback/core';

/** Envelopes that wait until what is missing before them has been read. */
export class HeldEnvelopes {
  private readonly held: Relayed[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get first(): Relayed | undefined {
    return this.held[0];
  }

  /** What there is no room for shows as a gap again, and is read then. */
  add(relayed: Relayed): void {
    const bytes = bytesOf(relayed);
    if (this.held.length > 0 && this.bytes + bytes > this.maxBytes) return;
    this.held.push(relayed);
    this.bytes += bytes;
  }

  dropFirst(): void {
    this.held.shift();
  }

  [Symbol.iterator](): Iterator<Relayed> {
    return this.held.values();
  }
}

/** What an envelope weighs beside its data. */
const ENVELOPE_BYTES = 256;

function bytesOf({ envelope: { data } }: Relayed): number {
  return ENVELOPE_BYTES + data.length;
}
