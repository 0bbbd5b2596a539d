import { randomUUID } from 'node:crypto';
import { CanaryFlight, type CanaryWire, type FlightRecord } from './canary-flight.js';

/** Missed canaries in a row after which a silent connection is made anew. */
const MISSES_BORNE = 2;

/** Who keeps a canary. */
export interface CanaryKeeper {
  /** The first in a row was missed. */
  onMissed(record: FlightRecord): void;
  /** One is back after others were missed. */
  onBack(missed: number): void;
  /** Several in a row were missed. Called again for as many more. */
  onSilent(record: FlightRecord): void;
  /** The server is not the process that it was. */
  onRunIdChanged(): void;
}

/** Proves that what is published on a master reaches this node. */
export class Canary {
  private readonly id = randomUUID();
  private flights = 0;
  private missed = 0;
  private isBack = false;
  private runId: string | undefined;
  private flight: CanaryFlight | undefined;

  constructor(
    private readonly wire: CanaryWire,
    private readonly keeper: CanaryKeeper,
  ) {}

  /** Whether the last one came back. */
  get alive(): boolean {
    return this.isBack;
  }

  /** Sends one, unless one is in the air. */
  fly(): void {
    this.flight ??= new CanaryFlight(this.wire, `${this.id} ${++this.flights}`, this.onLanded);
  }

  hear(message: Buffer): void {
    this.flight?.hear(message.toString());
  }

  /** What has come back proves nothing any more, and what is in the air never will. */
  abandon(): void {
    this.isBack = false;
    this.flight?.abandon();
    this.flight = undefined;
  }

  private readonly onLanded = (record: FlightRecord): void => {
    this.flight = undefined;
    this.compareRunId(record.runId);
    if (record.published && record.heard) this.back();
    else this.miss(record);
  };

  private compareRunId(runId: string | undefined): void {
    if (runId === undefined) return;
    const changed = this.runId !== undefined && this.runId !== runId;
    this.runId = runId;
    if (changed) this.keeper.onRunIdChanged();
  }

  private back(): void {
    const { missed } = this;
    this.missed = 0;
    this.isBack = true;
    if (missed > 0) this.keeper.onBack(missed);
  }

  private miss(record: FlightRecord): void {
    this.missed++;
    this.isBack = false;
    if (this.missed === 1) this.keeper.onMissed(record);
    if (this.missed % MISSES_BORNE === 0) this.keeper.onSilent(record);
  }
}
