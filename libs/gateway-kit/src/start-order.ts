interface Start {
  readonly key: unknown;
  /** Lets it go on that waits for those before it. */
  goOn?: () => void;
}

/**
 * Keeps what overlaps in the order in which it began up to the point where it takes effect. Guards and pipes that await, each as long as it likes, are
 * in between: nothing overtakes what is still held up by them.
 */
export class StartOrder {
  private readonly starts: Start[] = [];

  begin(key: unknown): void {
    this.starts.push({ key });
  }

  /** `undefined` if everything that began before is done, or a promise of that. */
  turnOf(key: unknown): Promise<void> | undefined {
    const start = this.starts.find((one) => one.key === key);
    if (!start || start === this.starts[0]) return undefined;
    return new Promise((resolve) => (start.goOn = resolve));
  }

  /** It has taken effect, or never will. A second call does nothing. */
  done(key: unknown): void {
    const index = this.starts.findIndex((one) => one.key === key);
    if (index === -1) return;
    this.starts.splice(index, 1);
    if (index === 0) this.starts[0]?.goOn?.();
  }
}
