import type { HubMessage } from '../protocols/messages.js';

/** Bytes that are read in one go: of the shortest messages there are, some hundred. */
const SLICE_BYTES = 8 * 1024;

/** Reads what came in one piece message by message, so that others may have their turn in between. */
export class ChunkReading {
  private messages: readonly HubMessage[] = [];
  private next = 0;
  private offset = 0;
  /** For the messages that were read last. */
  private readBytes = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** About how long the message is that was taken last. */
  get messageBytes(): number {
    return this.readBytes / Math.max(1, this.messages.length);
  }

  get hasMore(): boolean {
    return this.next < this.messages.length || this.offset < this.bytes.length;
  }

  /** The next message, `undefined` if there is none in the next slice. Throws as `read` does, which takes bytes and answers the messages that are whole. */
  take(read: (bytes: Uint8Array) => readonly HubMessage[]): HubMessage | undefined {
    if (this.next === this.messages.length) this.readSlice(read);
    const message = this.messages[this.next];
    if (message) this.next += 1;
    return message;
  }

  private readSlice(read: (bytes: Uint8Array) => readonly HubMessage[]): void {
    const end = Math.min(this.offset + SLICE_BYTES, this.bytes.length);
    const slice = this.bytes.length <= SLICE_BYTES ? this.bytes : this.bytes.subarray(this.offset, end);
    this.readBytes = slice.length + (this.messages.length === 0 ? this.readBytes : 0);
    this.offset = end;
    this.next = 0;
    this.messages = read(slice);
  }
}
