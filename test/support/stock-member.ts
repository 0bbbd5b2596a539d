/** From when a client heard that it has to go, or noticed that its connection had ended, until it was subscribed again. */
export interface Away {
  readonly from: number;
  readonly to: number;
}

interface Heard {
  readonly data: string;
  readonly at: number;
}

/** One stock client that comes back by itself: how its connections ended, and what it has received. */
export class StockMember {
  /** Ends that the hub had announced on that connection. */
  told = 0;
  /** Why the others ended. */
  readonly silent: string[] = [];
  readonly heard: Heard[] = [];
  readonly aways: Away[] = [];
  private isSubscribed = false;
  private isTold = false;
  private leftAt: number | undefined;

  constructor(
    /** What it is: clients of one kind are counted together. */
    readonly kind: string,
    readonly close: () => unknown,
    /** Whether it subscribes again with its last position. */
    readonly continues = false,
  ) {}

  get ends(): number {
    return this.told + this.silent.length;
  }

  /** Whether it is subscribed at the moment. */
  get isBack(): boolean {
    return this.isSubscribed;
  }

  subscribed(): void {
    this.isSubscribed = true;
    this.isTold = false;
    if (this.leftAt !== undefined) this.aways.push({ from: this.leftAt, to: performance.now() });
    this.leftAt = undefined;
  }

  /** The hub has said that it ends the connection. */
  sentAway(): void {
    this.isTold = true;
    this.leftAt ??= performance.now();
  }

  /** Its connection has ended: `why`, if the hub has not said so before. */
  left(why = ''): void {
    this.isSubscribed = false;
    this.leftAt ??= performance.now();
    if (this.isTold) this.told++;
    else this.silent.push(why);
    this.isTold = false;
  }

  hear(data: string): void {
    this.heard.push({ data, at: performance.now() });
  }

  has(data: string): boolean {
    return this.heard.some((heard) => heard.data === data);
  }
}
