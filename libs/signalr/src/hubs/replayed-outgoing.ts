import type { ClientConnection } from '../client-connection.js';
import type { ByteText, HubProtocol, Payload } from '../protocols/hub-protocol.js';
import { payloadBytes, type Outgoing } from './outgoing.js';

interface Kept {
  readonly payload: Payload;
  readonly bytes: number;
}

interface Waiting extends Kept {
  /** Called once it has been sent, if somebody waits for that. */
  onSent?: () => void;
}

/** Numbers what it sends and keeps it until the client says that it has it, so that a client on a new socket misses nothing. */
export class ReplayedOutgoing implements Outgoing {
  private readonly kept: Kept[] = [];
  private readonly waiting: Waiting[] = [];
  private keptBytes = 0;
  private waitingBytes = 0;
  private lastSent = 0;

  constructor(
    private readonly connection: ClientConnection,
    private readonly protocol: HubProtocol,
    private readonly limitBytes: number,
  ) {}

  /** What is in the transport is kept as well, and counts once. */
  get unsentBytes(): number {
    return Math.max(this.keptBytes, this.connection.bufferedBytes) + this.waitingBytes;
  }

  send(payloads: readonly Payload[]): Promise<void> | undefined {
    for (const payload of payloads) this.queue({ payload, bytes: payloadBytes(payload) });
    this.sendWaiting();
    const last = this.waiting.at(-1);
    if (last === undefined) return undefined;
    return new Promise((resolve) => {
      last.onSent = resolve;
    });
  }

  /** Each counts by itself. */
  sendBytes(messages: readonly ByteText[]): void {
    for (const message of messages) {
      this.queue({ payload: Buffer.from(message, 'latin1'), bytes: message.length });
    }
    this.sendWaiting();
  }

  sendUncounted(payload: Payload): void {
    this.connection.send([payload]);
  }

  /** The client has everything up to that number. Numbers that were never sent mean no more than what was. */
  acknowledge(sequenceId: number): void {
    const oldest = this.lastSent - this.kept.length + 1;
    const count = Math.min(Math.max(sequenceId - oldest + 1, 0), this.kept.length);
    for (const { bytes } of this.kept.splice(0, count)) this.keptBytes -= bytes;
    this.sendWaiting();
  }

  /** On a new socket: where we are, and all that may have been lost with the old one. */
  replay(): void {
    const sequenceId = this.lastSent - this.kept.length + 1;
    const sequence = this.protocol.write({ type: 'sequence', sequenceId });
    this.connection.send([sequence, ...this.kept.map(({ payload }) => payload)]);
  }

  close(): void {
    this.kept.length = 0;
    this.keptBytes = 0;
    for (const { onSent } of this.waiting.splice(0)) onSent?.();
    this.waitingBytes = 0;
  }

  private queue(message: Waiting): void {
    this.waiting.push(message);
    this.waitingBytes += message.bytes;
  }

  /** All that there is room for, in one write. */
  private sendWaiting(): void {
    let count = 0;
    for (; count < this.waiting.length && this.keptBytes <= this.limitBytes; count += 1) {
      this.keep(this.waiting[count] as Waiting);
    }
    if (count === 0) return;
    const sent = this.waiting.splice(0, count);
    this.connection.send(sent.map(({ payload }) => payload));
    for (const { onSent } of sent) onSent?.();
  }

  private keep({ payload, bytes }: Waiting): void {
    this.lastSent += 1;
    this.kept.push({ payload, bytes });
    this.keptBytes += bytes;
    this.waitingBytes -= bytes;
  }
}
