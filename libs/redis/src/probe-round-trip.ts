import { refusalOf } from './error-reply.js';

/** How long a round trip may take; less than the time between two, so that only one is under way. */
const TIMEOUT_MS = 900;

/** Both directions of a shard, as a probe uses them. */
export interface ProbeTransport {
  /** Publishes the text on the channel of the probe; resolves to the run id of the server. */
  publish(text: string): Promise<string>;
  /** Writes the text under the key of the probe, as triggers write. */
  write(text: string): Promise<unknown>;
  /** Resolves when the subscriber connection answers. */
  ping(): Promise<unknown>;
}

/** What has worked during one round trip, and what was said instead. */
export interface ProbeResult {
  published: boolean;
  written: boolean;
  /** Whether the subscriber connection has answered. */
  answered: boolean;
  heard: boolean;
  runId?: string;
  /** Redis' own word for why it publishes or writes nothing. */
  refusal?: string;
  error?: unknown;
}

/** One probe under way: published and written with the connection for commands, expected on the subscriber connection. */
export class ProbeRoundTrip {
  private readonly result: ProbeResult = { published: false, written: false, answered: false, heard: false };
  private readonly timer: NodeJS.Timeout;
  private pendingReplies = 2;
  private over = false;

  constructor(
    transport: ProbeTransport,
    private readonly text: string,
    private readonly onComplete: (result: ProbeResult) => void,
  ) {
    // What the socket holds already counts: a busy process is not a broken path.
    this.timer = setTimeout(() => setImmediate(() => this.complete()), TIMEOUT_MS).unref();
    transport.publish(text).then(this.onPublished, this.onFailed).finally(this.onReply);
    transport.write(text).then(this.onWritten, this.onFailed).finally(this.onReply);
    transport.ping().then(this.onAnswered, this.onPingFailed);
  }

  onMessage(text: string): void {
    if (text !== this.text) return;
    this.result.heard = true;
    this.completeIfBack();
  }

  /** Its result is of no interest any more. */
  abandon(): void {
    clearTimeout(this.timer);
    this.over = true;
  }

  private readonly onPublished = (runId: string): void => {
    this.result.published = true;
    this.result.runId = runId;
  };

  private readonly onWritten = (): void => {
    this.result.written = true;
  };

  private readonly onAnswered = (): void => {
    this.result.answered = true;
  };

  private readonly onPingFailed = (error: unknown): void => {
    this.result.error ??= error;
  };

  private readonly onFailed = (error: unknown): void => {
    this.result.error = error;
    const refusal = refusalOf(error);
    if (refusal !== undefined) this.result.refusal = refusal;
  };

  private readonly onReply = (): void => {
    this.pendingReplies--;
    this.completeIfBack();
  };

  /** What was refused is known at once; what was not published will not be heard. */
  private completeIfBack(): void {
    if (this.pendingReplies > 0) return;
    const { published, written, heard, refusal } = this.result;
    const isKnown = (published && written) || refusal !== undefined;
    if (isKnown && (heard || !published)) this.complete();
  }

  private complete(): void {
    if (this.over) return;
    this.abandon();
    this.onComplete(this.result);
  }
}
