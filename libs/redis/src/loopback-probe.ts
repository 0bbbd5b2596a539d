import { randomUUID } from 'node:crypto';
import { ProbeRoundTrip, type ProbeResult, type ProbeTransport } from './probe-round-trip.js';

/** Missed probes in a row after which a silent connection is made anew, and what Redis said before counts no more. */
const MAX_MISSES = 2;

/** Who acts on what a probe finds. */
export interface ProbeListener {
  /** The first in a row was missed. */
  onMissed(result: ProbeResult): void;
  /** One is back after others were missed. */
  onBack(missed: number): void;
  /** Several in a row were missed. Called again for as many more. */
  onSilent(result: ProbeResult): void;
  /** The master refuses what triggers need; called once, and again when it gives another reason. */
  onRefused(refusal: string, error: unknown): void;
  /** It refuses no longer. */
  onAccepted(): void;
  /** The server is not the process that it was. */
  onRunIdChanged(): void;
}

/** Proves that what is published on a master reaches this node, and that the master takes writes as triggers make them. */
export class LoopbackProbe {
  private readonly id = randomUUID();
  private sent = 0;
  private missed = 0;
  private isBack = false;
  private refusedWith: string | undefined;
  private runId: string | undefined;
  private roundTrip: ProbeRoundTrip | undefined;

  constructor(
    private readonly transport: ProbeTransport,
    private readonly listener: ProbeListener,
  ) {}

  /** Whether the last one came back. */
  get alive(): boolean {
    return this.isBack;
  }

  /** Redis' own word for why it refused the last one, `OOM` for instance. */
  get refusal(): string | undefined {
    return this.refusedWith;
  }

  /** Sends one, unless one is under way. */
  send(): void {
    this.roundTrip ??= new ProbeRoundTrip(this.transport, `${this.id} ${++this.sent}`, this.onComplete);
  }

  onMessage(message: Buffer): void {
    this.roundTrip?.onMessage(message.toString());
  }

  /** Invalidates past and pending probes. */
  reset(): void {
    this.isBack = false;
    this.roundTrip?.abandon();
    this.roundTrip = undefined;
  }

  private readonly onComplete = (result: ProbeResult): void => {
    this.roundTrip = undefined;
    this.compareRunId(result.runId);
    if (result.refusal !== undefined) this.refuse(result.refusal, result);
    else if (result.published && result.written && result.heard) this.back();
    else this.miss(result);
  };

  private compareRunId(runId: string | undefined): void {
    if (runId === undefined) return;
    const changed = this.runId !== undefined && this.runId !== runId;
    this.runId = runId;
    if (changed) this.listener.onRunIdChanged();
  }

  private back(): void {
    this.carried();
    if (this.refusedWith === undefined) return;
    this.refusedWith = undefined;
    this.listener.onAccepted();
  }

  /** An answer, even if it is none that one likes: the connections are well. */
  private refuse(refusal: string, { heard, error }: ProbeResult): void {
    const isNew = this.refusedWith !== refusal;
    this.refusedWith = refusal;
    if (heard) this.carried();
    else this.isBack = false;
    if (isNew) this.listener.onRefused(refusal, error);
  }

  private carried(): void {
    const { missed } = this;
    this.missed = 0;
    this.isBack = true;
    if (missed > 0) this.listener.onBack(missed);
  }

  private miss(result: ProbeResult): void {
    this.missed++;
    this.isBack = false;
    if (this.missed === 1) this.listener.onMissed(result);
    if (this.missed % MAX_MISSES !== 0) return;
    this.refusedWith = undefined;
    this.listener.onSilent(result);
  }
}
