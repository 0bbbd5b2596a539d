import type { HubMessage } from '../protocols/messages.js';

interface Held {
  readonly message: HubMessage;
  readonly bytes: number;
}

/** What the inbox of one connection needs of its owner. */
export interface InboxOwner {
  /** Takes one message. What is answered holds up the next one until it settles; it must not reject. */
  dispatch(message: HubMessage): Promise<void> | undefined;
  /** Messages wait, or wait no longer. */
  onHeld(held: boolean): void;
  /** Messages have been taken: fewer bytes wait. */
  onTaken(): void;
}

/** Messages of one connection, dispatched in the order of their arrival, one after the other. */
export class Inbox {
  /** Bytes of the messages that wait. */
  heldBytes = 0;
  private held: Held[] = [];
  private busy: boolean;
  private closed = false;

  /** Holds everything until it is opened. */
  constructor(private readonly owner: InboxOwner) {
    this.busy = true;
  }

  add(message: HubMessage, bytes: number): void {
    if (this.closed) return;
    this.heldBytes += bytes;
    this.held.push({ message, bytes });
    if (!this.busy) this.run();
  }

  open(): void {
    this.busy = false;
    this.run();
  }

  close(): void {
    this.closed = true;
    this.held = [];
    this.heldBytes = 0;
  }

  private run(): void {
    let next = 0;
    let wait: Promise<void> | undefined;
    this.busy = true; // dispatching may bring in more
    while (wait === undefined && next < this.held.length) {
      wait = this.dispatch(this.held[next] as Held);
      next += 1;
    }
    this.held.splice(0, next);
    if (wait === undefined) this.busy = false;
    else this.hold(wait);
    this.owner.onTaken();
  }

  private dispatch({ message, bytes }: Held): Promise<void> | undefined {
    this.heldBytes -= bytes;
    return this.owner.dispatch(message);
  }

  private hold(wait: Promise<void>): void {
    this.owner.onHeld(true);
    const goOn = () => {
      this.owner.onHeld(false);
      if (!this.closed) this.run();
    };
    wait.then(goOn, goOn);
  }
}
