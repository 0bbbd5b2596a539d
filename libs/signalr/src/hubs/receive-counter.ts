import { ProtocolError } from '../protocols/hub-protocol.js';
import type { HubMessage } from '../protocols/messages.js';

const uncounted: ReadonlySet<HubMessage['type']> = new Set(['ping', 'close', 'ack', 'sequence']);

/** Counts what a client with stateful reconnect sends, and tells what it has sent before. */
export class ReceiveCounter {
  private next = 1;
  private highest = 0;
  private lastAcked = 0;
  private awaitsSequence = false;

  /** The client is on a new socket: until it has said where it goes on, nothing counts. */
  reattached(): void {
    this.awaitsSequence = true;
  }

  /** Whether the message is new. Throws on a gap. */
  accepts(message: HubMessage): boolean {
    if (message.type === 'sequence') return this.goOnAt(message.sequenceId);
    if (message.type === 'ack') return true; // always true of what came before, whatever socket it is on
    if (this.awaitsSequence) return false;
    return uncounted.has(message.type) || this.count();
  }

  /** The number to acknowledge, if there is news since the last call. */
  takeAck(): number | undefined {
    if (this.highest === this.lastAcked) return undefined;
    this.lastAcked = this.highest;
    return this.highest;
  }

  private goOnAt(sequenceId: number): boolean {
    if (sequenceId > this.next) {
      throw new ProtocolError("Sequence ID greater than amount of messages we've received.");
    }
    this.awaitsSequence = false;
    this.next = sequenceId;
    return false;
  }

  private count(): boolean {
    const current = this.next;
    this.next += 1;
    if (current <= this.highest) return false;
    this.highest = current;
    return true;
  }
}
