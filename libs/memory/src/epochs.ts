import type { Position } from '@ringback/contract';
import { randomBytes } from 'node:crypto';

/** An epoch that has ended: nothing of it lies behind `end`. */
interface ClosedEpoch {
  readonly epoch: string;
  readonly end: number;
}

/** How many closed epochs are remembered. */
const KEPT_EPOCHS = 4;

/** Which positions of one event can be vouched for. */
export class Epochs {
  private epoch = makeEpoch();
  private closed: readonly ClosedEpoch[] = [];
  /** The offset at which the present epoch opened. */
  start = 0;

  constructor(private runId: string) {}

  /** Opens a new epoch at the offset if the store runs under another id than the one that it was opened under. */
  enter(runId: string, offset: number): void {
    if (runId === this.runId) return;
    this.closed = [...this.closed, { epoch: this.epoch, end: offset }].slice(-KEPT_EPOCHS);
    this.epoch = makeEpoch();
    this.start = offset;
    this.runId = runId;
  }

  /** Those that are remembered, oldest first. */
  get closedEpochs(): readonly string[] {
    return this.closed.map(({ epoch }) => epoch);
  }

  position(offset: number): Position {
    return { epoch: this.epoch, offset };
  }

  /** Whether the event has been at the position, and all that came after it is known. */
  vouchesFor({ epoch, offset }: Position, lastOffset: number): boolean {
    const end = epoch === this.epoch ? lastOffset : this.endOf(epoch);
    return end !== undefined && offset <= end;
  }

  /** What a `since` counts as, when it is compared with an offset. */
  countsAs({ epoch, offset }: Position): number {
    return epoch === this.epoch ? offset : Math.min(offset, this.endOf(epoch) ?? 0);
  }

  private endOf(epoch: string): number | undefined {
    return this.closed.find((closed) => closed.epoch === epoch)?.end;
  }
}

function makeEpoch(): string {
  return randomBytes(6).toString('hex');
}
