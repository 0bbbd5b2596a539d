/** How long a canary may take; less than the time between two, so that only one is in the air. */
const LONGEST_MS = 900;

/** Both directions of a shard, as a canary takes them. */
export interface CanaryWire {
  /** Publishes the text on the canary's channel; answers the run id of the server. */
  publish(text: string): Promise<string>;
  /** Resolves when the subscriber connection answers. */
  ping(): Promise<unknown>;
}

/** What has worked during one flight, and what was said instead. */
export interface FlightRecord {
  published: boolean;
  answered: boolean;
  heard: boolean;
  runId?: string;
  error?: unknown;
}

/** One canary in the air: published with commands, expected on the subscriber connection. */
export class CanaryFlight {
  private readonly record: FlightRecord = { published: false, answered: false, heard: false };
  private readonly timer: NodeJS.Timeout;
  private over = false;

  constructor(
    wire: CanaryWire,
    private readonly text: string,
    private readonly landed: (record: FlightRecord) => void,
  ) {
    // What the socket holds already counts: a busy process is not a broken path.
    this.timer = setTimeout(() => setImmediate(() => this.land()), LONGEST_MS).unref();
    wire.publish(text).then(this.onPublished, this.onFailed);
    wire.ping().then(this.onAnswered, this.onFailed);
  }

  hear(text: string): void {
    if (text !== this.text) return;
    this.record.heard = true;
    this.landIfBack();
  }

  /** Nothing is told of it any more. */
  abandon(): void {
    clearTimeout(this.timer);
    this.over = true;
  }

  private readonly onPublished = (runId: string): void => {
    this.record.published = true;
    this.record.runId = runId;
    this.landIfBack();
  };

  private readonly onAnswered = (): void => {
    this.record.answered = true;
  };

  private readonly onFailed = (error: unknown): void => {
    this.record.error = error;
  };

  private landIfBack(): void {
    if (this.record.published && this.record.heard) this.land();
  }

  private land(): void {
    if (this.over) return;
    this.abandon();
    this.landed(this.record);
  }
}
