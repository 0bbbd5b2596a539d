/** Lines of one kind that are written within an interval. */
const MAX_LINES = 10;
const INTERVAL_MS = 10_000;
/** Kinds that are remembered: messages are stable, but those of a framework may be anything. */
const MAX_KINDS = 1_000;

interface Kind {
  readonly endsAt: number;
  written: number;
  suppressed: number;
}

/**
 * Bounds how often lines of one kind are written: ten in ten seconds. What is beyond is counted, and the count is handed on once, when the interval is over.
 * No error that comes back thousands of times a second can fill a disk, or take the time of the process.
 */
export class LineLimiter<Level extends string> {
  private readonly kinds = new Map<string, Kind>();

  constructor(
    private readonly onSuppressed: (level: Level, message: string, suppressed: number) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether a line of this level and message may be written; asking counts as writing. */
  admit(level: Level, message: string): boolean {
    const kind = this.current(`${level} ${message}`);
    if (kind.written < MAX_LINES) {
      kind.written++;
      return true;
    }
    if (kind.suppressed++ === 0) this.reportLater(level, message, kind);
    return false;
  }

  private current(name: string): Kind {
    const known = this.kinds.get(name);
    if (known && this.now() < known.endsAt) return known;
    const kind = { endsAt: this.now() + INTERVAL_MS, written: 0, suppressed: 0 };
    this.kinds.delete(name); // to the end: the oldest is forgotten first
    this.kinds.set(name, kind);
    const [oldest] = this.kinds.keys();
    if (this.kinds.size > MAX_KINDS && oldest !== undefined) this.kinds.delete(oldest);
    return kind;
  }

  private reportLater(level: Level, message: string, kind: Kind): void {
    const report = (): void => this.onSuppressed(level, message, kind.suppressed);
    setTimeout(report, Math.max(0, kind.endsAt - this.now())).unref();
  }
}
