/** Where a node is reached, by its lease; `undefined` if it holds none. */
export type AddressOf = (nodeId: string) => Promise<string | undefined>;

/** How long an answer is good. */
const KEEP_MS = 3_000;
/** Most answers kept: identifiers come from clients, who may invent them. */
const KEPT = 1_000;

interface Kept {
  readonly address: Promise<string | undefined>;
  readonly until: number;
}

/** Addresses of nodes, asked for once in a few seconds each. One that cannot be asked for is taken to be what it was. */
export class OwnerAddresses {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly addressOf: AddressOf,
    /** Told that nobody could be asked, and the last address is used. */
    private readonly onStale: (nodeId: string, error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  async get(nodeId: string): Promise<string | undefined> {
    const kept = this.kept.get(nodeId);
    if (kept && kept.until > this.now()) return kept.address;
    try {
      return await this.keep(nodeId, this.ask(nodeId, kept?.address));
    } catch (error) {
      this.kept.delete(nodeId); // the next request asks again
      throw error;
    }
  }

  private async ask(
    nodeId: string,
    last: Promise<string | undefined> | undefined,
  ): Promise<string | undefined> {
    try {
      return await this.addressOf(nodeId);
    } catch (error) {
      const address = await last;
      if (address === undefined) throw error;
      this.onStale(nodeId, error);
      return address;
    }
  }

  private keep(nodeId: string, address: Promise<string | undefined>): Promise<string | undefined> {
    this.kept.delete(nodeId);
    this.kept.set(nodeId, { address, until: this.now() + KEEP_MS });
    this.dropOldest();
    return address;
  }

  private dropOldest(): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
