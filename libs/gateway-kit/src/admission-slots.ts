/** How many may be on their way in, at all and from one address. */
export interface AdmissionLimits {
  readonly max: number;
  readonly maxPerAddress: number;
}

/** A place among those who are on their way in. */
export interface AdmissionSlot {
  readonly address: string | undefined;
  /** It is admitted, or has gone: the next one may begin. A second call does nothing. */
  release(): void;
}

/** Who waits for a place. */
interface Waiting {
  readonly address: string | undefined;
  readonly begin: (slot: AdmissionSlot) => void;
  readonly isGone: () => boolean;
}

/** Lets in so many at a time; the others wait, in the order of their arrival, and those of one address behind one another. */
export class AdmissionSlots {
  private taken = 0;
  private waitingForAddress = 0;
  private readonly takenByAddress = new Map<string, number>();
  private readonly queue: Waiting[] = [];
  private readonly queueByAddress = new Map<string, Waiting[]>();

  constructor(private readonly limits: AdmissionLimits) {}

  /** Those who have a place. */
  get size(): number {
    return this.taken;
  }

  /** Those who wait for one. */
  get waiting(): number {
    return this.queue.length + this.waitingForAddress;
  }

  /** Calls `begin` at once if there is a place, else when there is one, unless it `isGone` by then. */
  enter(address: string | undefined, begin: Waiting['begin'], isGone: () => boolean = () => false): void {
    this.place({ address, begin, isGone });
  }

  private place(one: Waiting): void {
    const { address } = one;
    if (address !== undefined && this.isFull(address)) this.queueOf(address).push(one);
    else if (this.taken >= this.limits.max) this.queue.push(one);
    else this.begin(one);
  }

  private begin({ address, begin, isGone }: Waiting): void {
    if (isGone()) return;
    this.taken++;
    this.count(address, 1);
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.taken--;
      this.count(address, -1);
      this.advance(address);
    };
    begin({ address, release });
  }

  /** A place is free: for one of the address, and for those who wait for any. */
  private advance(address: string | undefined): void {
    if (address !== undefined) this.advanceOf(address);
    while (this.taken < this.limits.max) {
      const first = this.queue.shift();
      if (!first) return;
      this.place(first);
    }
  }

  private advanceOf(address: string): void {
    while (!this.isFull(address)) {
      const next = this.shiftOf(address);
      if (!next) return;
      this.place(next);
      if (this.queue.at(-1) === next) return; // it waits for any place now, and so would those behind it
    }
  }

  private isFull(address: string): boolean {
    return (this.takenByAddress.get(address) ?? 0) >= this.limits.maxPerAddress;
  }

  private count(address: string | undefined, change: number): void {
    if (address === undefined) return;
    const count = (this.takenByAddress.get(address) ?? 0) + change;
    if (count > 0) this.takenByAddress.set(address, count);
    else this.takenByAddress.delete(address);
  }

  private queueOf(address: string): Waiting[] {
    let queue = this.queueByAddress.get(address);
    if (!queue) this.queueByAddress.set(address, (queue = []));
    this.waitingForAddress++;
    return queue;
  }

  private shiftOf(address: string): Waiting | undefined {
    const queue = this.queueByAddress.get(address);
    const next = queue?.shift();
    if (next) this.waitingForAddress--;
    if (queue?.length === 0) this.queueByAddress.delete(address);
    return next;
  }
}
