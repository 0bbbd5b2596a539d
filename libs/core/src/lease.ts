import type { LeaseId } from './ports/subscription-store.port.js';

/** The lease of this node: its id stays, its generation changes whenever the lease was lost. */
export class Lease {
  private current: LeaseId;

  constructor(readonly nodeId: string) {
    this.current = { nodeId, generation: newGeneration() };
  }

  get id(): LeaseId {
    return this.current;
  }

  /** Goes on under a new generation, so that what is done about the old one cannot touch it. */
  renewGeneration(): void {
    this.current = { nodeId: this.nodeId, generation: newGeneration() };
  }
}

/** 12 characters of [0-9a-f], random. */
function newGeneration(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 12);
}
