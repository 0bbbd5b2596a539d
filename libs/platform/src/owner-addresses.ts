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

/** Addresses of nodes, asked for once in a few seconds each. */
export class OwnerAddresses {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly addressOf: AddressOf,
    private readonly now: () => number = Date.now,
  ) {}

  async get(nodeId: string): Promise<string | undefined> {
    const kept = this.kept.get(nodeId);
    if (kept && kept.until > this.now()) return kept.address;
    try {
      return await this.ask(nodeId);
    } catch (error) {
      this.kept.delete(nodeId); // the next request asks again
      throw error;
    }
  }

  private ask(nodeId: string): Promise<string | undefined> {
    const address = this.addressOf(nodeId);
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
