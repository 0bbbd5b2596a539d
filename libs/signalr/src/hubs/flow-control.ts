import type { ClientConnection } from '../client-connection.js';

/** What can keep a client from sending for a while. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** A transport that can leave bytes with the client for a while. Optional: without it, clients that send too much are closed. */
export interface PausableConnection extends ClientConnection, Pausable {}

/** Whether something can be paused. */
export const isPausable = (source: object): source is Pausable => 'pause' in source && 'resume' in source;

const highWaterBytes = 64 * 1024;

/** Asks where the messages come from to pause while much waits to be dispatched. */
export class FlowControl {
  private paused = false;

  constructor(private readonly source: object) {}

  update(heldBytes: number): void {
    if (!isPausable(this.source)) return;
    if (!this.paused && heldBytes > highWaterBytes) this.set(true, this.source);
    else if (this.paused && heldBytes <= highWaterBytes / 2) this.set(false, this.source);
  }

  private set(paused: boolean, source: Pausable): void {
    this.paused = paused;
    if (paused) source.pause();
    else source.resume();
  }
}
