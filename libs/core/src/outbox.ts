import { CLOSE_REASONS } from '@ringback/contract';
import type { Flusher } from './flusher.js';
import type { Frame } from './ports/codec.port.js';
import type { Connection } from './ports/connection.port.js';

/** From here on frames are handed over within the turn, so that one turn's burst is not mistaken for a slow reader. */
const HAND_OVER_BYTES = 64 * 1024;

/** What is delivered late, to who recovers, waits while more than this is on its way to the connection. */
const ROOM_BYTES = 256 * 1024;

/** Bounded queue of one connection: hands over what is pending once per turn, and closes the connection that overruns it. */
export class Outbox {
  private pending: Frame[] = [];
  private bytes = 0;
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly limitBytes: number,
    private readonly flusher: Flusher,
  ) {}

  get isClosed(): boolean {
    return this.closed;
  }

  /** Bytes that wait here and in the transport. */
  get waitingBytes(): number {
    return this.closed ? 0 : this.bytes + this.connection.bufferedBytes;
  }

  /** Whether the connection keeps up, so that more may be sent which can wait. Of one that is closed nothing is held back. */
  get hasRoom(): boolean {
    const { maxBufferedBytes = Infinity } = this.connection;
    return this.waitingBytes < Math.min(ROOM_BYTES, this.limitBytes, maxBufferedBytes / 2);
  }

  push(frame: Frame): void {
    if (this.closed) return;
    if (this.pending.push(frame) === 1) this.flusher.add(this);
    this.bytes += frame.length;
    if (this.bytes >= HAND_OVER_BYTES) this.flush();
  }

  /** Hands over what is pending; closes the connection if its transport then holds more than the bound. */
  flush(): void {
    if (this.closed || this.pending.length === 0) return;
    const { bytes, connection } = this;
    const { maxBufferedBytes } = connection;
    // Who has a bound of its own may exceed it by one handing over: what is in it may be longer than the bound.
    const isFull = maxBufferedBytes !== undefined && connection.bufferedBytes > maxBufferedBytes;
    connection.send(this.pending);
    this.pending = [];
    this.bytes = 0;
    const { bufferedBytes } = connection;
    if (isFull || bufferedBytes > this.limitBytes) this.overrun();
    else if (bufferedBytes > 0) this.flusher.budget?.add(this, bytes);
  }

  /** Closes the connection, which reads more slowly than its events arrive: it reconnects and recovers. */
  overrun(): void {
    if (this.closed) return;
    this.close();
    this.connection.close(CLOSE_REASONS['slow-consumer']);
  }

  /** From here on nothing is handed over. */
  close(): void {
    this.closed = true;
    this.pending = [];
    this.bytes = 0;
  }
}
