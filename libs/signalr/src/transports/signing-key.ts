export type ReadKey = () => Promise<Uint8Array> | Uint8Array;

/** How long a key is used without asking for it again. */
const keepMs = 30_000;
/** Whoever sends forged tokens makes nobody ask more often. */
const askEveryMs = 1000;

/** The key that the nodes share, as this node knows it: read once, now and then again, and where a signature does not fit. */
export class SigningKey {
  readonly #read: ReadKey;
  readonly #nowMs: () => number;
  readonly #onFault: (error: Error) => void;
  #keys: readonly Uint8Array[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(read: ReadKey, nowMs: () => number, onFault: (error: Error) => void) {
    this.#read = read;
    this.#nowMs = nowMs;
    this.#onFault = onFault;
  }

  async current(): Promise<Uint8Array> {
    const [known] = await this.all();
    if (known) return known;
    throw new Error('The key for connection tokens cannot be read.');
  }

  /** The key, and the one before, by which some tokens of the last seconds may be signed. Rejects as long as none could be read at all. */
  async all(): Promise<readonly Uint8Array[]> {
    const [known] = this.#keys;
    if (!known) await this.#ask();
    else if (this.#ageMs() >= keepMs) this.#ask().catch((error: unknown) => this.#tell(error));
    return this.#keys;
  }

  /** The same, read anew: for when a signature does not fit, since the key may have been lost. */
  async readAgain(): Promise<readonly Uint8Array[]> {
    if (this.#asking || this.#ageMs() >= askEveryMs) await this.#ask();
    return this.#keys;
  }

  /** A clock that was set back makes it as old as can be. */
  #ageMs(): number {
    const ageMs = this.#nowMs() - this.#askedAtMs;
    return ageMs < 0 ? Number.POSITIVE_INFINITY : ageMs;
  }

  async #ask(): Promise<void> {
    this.#askedAtMs = this.#nowMs();
    this.#asking ??= this.#readKey().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  /** What is known stays in use. */
  async #readKey(): Promise<void> {
    try {
      const read = await this.#read();
      const [known] = this.#keys;
      if (known && Buffer.compare(known, read) === 0) return;
      this.#keys = known ? [read, known] : [read];
    } catch (error) {
      if (this.#keys.length === 0) throw error;
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    this.#onFault(error instanceof Error ? error : new Error(String(error)));
  }
}
