/** The records of this node that no stream has open: bounded, so that nobody fills the cluster by opening streams, or preparing them, and leaving. */
export class IdleRecords {
  private readonly idle = new Map<string, { readonly bytes: number; readonly timer: NodeJS.Timeout }>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Counts the record for so long, unless it is released before. Answers `false`, and counts nothing, where there is no room. */
  reserve(name: string, bytes: number, ttlMs: number): boolean {
    this.release(name);
    if (this.bytes + bytes > this.maxBytes) return false;
    const timer = setTimeout(() => this.release(name), ttlMs).unref();
    this.idle.set(name, { bytes, timer });
    this.bytes += bytes;
    return true;
  }

  /** A stream has it open now, or it has ended. */
  release(name: string): void {
    const record = this.idle.get(name);
    if (!record) return;
    clearTimeout(record.timer);
    this.idle.delete(name);
    this.bytes -= record.bytes;
  }
}
