/** Where a node is reached, as `http://host:port`; `undefined` if there is no such node. Rejects if nobody can tell. */
export type AddressLookup = (nodeId: string) => Promise<string | undefined>;

const TTL_MS = 3_000;
/** Ids come from clients, who may invent them. */
const MAX_ENTRIES = 1_000;

interface Entry {
  readonly address: Promise<string | undefined>;
  readonly expiresAt: number;
}

/**
 * The addresses of nodes, each looked up once in three seconds, however many ask. While a lookup fails, the last known address is used;
 * without one, `get` rejects and the next call looks it up again.
 */
export class NodeAddressCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly lookup: AddressLookup,
    /** Called when a lookup has failed and the last known address is used. */
    private readonly onStale: (nodeId: string, error: unknown) => void,
    /** The time in milliseconds. */
    private readonly now: () => number = Date.now,
  ) {}

  async get(nodeId: string): Promise<string | undefined> {
    const cached = this.entries.get(nodeId);
    if (cached && cached.expiresAt > this.now()) return cached.address;
    const entry = this.add(nodeId, this.refresh(nodeId, cached?.address));
    try {
      return await entry.address;
    } catch (error) {
      if (this.entries.get(nodeId) === entry) this.entries.delete(nodeId);
      throw error;
    }
  }

  private async refresh(
    nodeId: string,
    last: Promise<string | undefined> | undefined,
  ): Promise<string | undefined> {
    try {
      return await this.lookup(nodeId);
    } catch (error) {
      const address = await last;
      if (address === undefined) throw error;
      this.onStale(nodeId, error);
      return address;
    }
  }

  private add(nodeId: string, address: Promise<string | undefined>): Entry {
    const entry = { address, expiresAt: this.now() + TTL_MS };
    this.entries.delete(nodeId); // so that it becomes the youngest
    this.entries.set(nodeId, entry);
    this.removeOldest();
    return entry;
  }

  private removeOldest(): void {
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
  }
}
