import { HubError } from '@ringback/contract';
import { joinMessages } from './backplane.codec.js';

interface Unpublished {
  readonly message: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How much goes through a queue. */
export interface QueueLimits {
  /** Of one envelope. */
  readonly maxMessageBytes: number;
  /** Of what waits for its turn. */
  readonly maxUnpublishedBytes: number;
}

/** Where a queue leads to. */
export interface QueueOutlet {
  publish(data: Uint8Array): Promise<void>;
  /** Nothing waits any more. */
  onIdle(): void;
}

/** What this node says at one event, in order. While an envelope is on its way, what is said meanwhile waits, and then goes together. */
export class PublishQueue {
  private readonly unpublished: Unpublished[] = [];
  private unpublishedBytes = 0;
  private publishing: Promise<void> | undefined;

  constructor(
    private readonly limits: QueueLimits,
    private readonly outlet: QueueOutlet,
  ) {}

  /** Resolves or rejects as the envelope does that it goes with. */
  publish(message: Uint8Array): Promise<void> {
    if (this.unpublishedBytes + message.length > this.limits.maxUnpublishedBytes) {
      const tooMuch = new HubError('too-many-commands', 'Too much waits to be published to the other nodes.');
      return Promise.reject(tooMuch);
    }
    this.unpublishedBytes += message.length;
    const published = new Promise<void>((resolve, reject) => {
      this.unpublished.push({ message, resolve, reject });
    });
    this.publishing ??= this.publishAll();
    return published;
  }

  /** Resolves once nothing waits. */
  async flushed(): Promise<void> {
    await this.publishing;
  }

  private async publishAll(): Promise<void> {
    while (this.unpublished.length > 0) await this.publishBatch(this.nextBatch());
    this.publishing = undefined;
    this.outlet.onIdle();
  }

  private async publishBatch(batch: readonly Unpublished[]): Promise<void> {
    try {
      await this.outlet.publish(joinMessages(batch.map(({ message }) => message)));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** At least one, and as many as fit into an envelope. */
  private nextBatch(): readonly Unpublished[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of this.unpublished) {
      if (count > 0 && bytes + message.length > this.limits.maxMessageBytes) break;
      bytes += message.length;
      count++;
    }
    this.unpublishedBytes -= bytes;
    return this.unpublished.splice(0, count);
  }
}
