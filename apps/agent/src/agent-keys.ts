/** Every name in Redis that the agent makes; those of the queue itself begin with `base`. One hash tag: one slot of a Redis Cluster. */
export class AgentKeys {
  readonly base: string;

  constructor(prefix: string) {
    this.base = `{${prefix}}`;
  }

  /** Done tickets by when their receipts go. */
  get receipts(): string {
    return `${this.base}:receipts`;
  }

  /** Written for proof that Redis takes writes; gone at once. */
  get probe(): string {
    return `${this.base}:probe`;
  }

  /** Up to where the tickets of an event were made and are removed. */
  position(name: string): string {
    return `${this.base}:position:${name}`;
  }

  /** What one hub is subscribed to for. */
  book(hub: string): string {
    return `${this.base}:subscriptions:${encodeURIComponent(hub)}`;
  }

  /** Counts the changes of it. */
  bookRevision(hub: string): string {
    return `${this.book(hub)}:revision`;
  }
}
