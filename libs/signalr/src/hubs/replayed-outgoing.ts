import type { ClientConnection } from '../client-connection.js';
import type { HubProtocol, Payload } from '../protocols/hub-protocol.js';
import { payloadBytes, type Outgoing } from './outgoing.js';

interface Kept {
  readonly payload: Payload;
  readonly bytes: number;
}

interface Waiting extends Kept {
  readonly resolve: () => void;
}

/** Numbers what it sends and keeps it until the client says that it has it, so that a client on a new socket misses nothing. */
export class ReplayedOutgoing implements Outgoing {
  waitingBytes = 0;
  private readonly kept: Kept[] = [];
  private readonly waiting: Waiting[] = [];
  private keptBytes = 0;
  private lastSent = 0;

  constructor(
    private readonly connection: ClientConnection,
    private readonly protocol: HubProtocol,
    private readonly limitBytes: number,
  ) {}

  send(payload: Payload): Promise<void> | undefined {
    const message = { payload, bytes: payloadBytes(payload) };
    if (this.waiting.length === 0 && this.keptBytes <= this.limitBytes) return this.sendNow(message);
    this.waitingBytes += message.bytes;
    return new Promise((resolve) => this.waiting.push({ ...message, resolve }));
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
    for (const { resolve } of this.waiting.splice(0)) resolve();
    this.waitingBytes = 0;
  }

  private sendNow(message: Kept): undefined {
    this.lastSent += 1;
    this.kept.push(message);
    this.keptBytes += message.bytes;
    this.connection.send([message.payload]);
  }

  private sendWaiting(): void {
    let sent = 0;
    for (const message of this.waiting) {
      if (this.keptBytes > this.limitBytes) break;
      this.waitingBytes -= message.bytes;
      this.sendNow({ payload: message.payload, bytes: message.bytes });
      message.resolve();
      sent += 1;
    }
    this.waiting.splice(0, sent);
  }
}
