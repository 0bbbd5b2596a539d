import type { Socket } from 'node:net';
import type { TurnScheduler, TurnTaker } from './turn-scheduler.js';

/** A WebSocket of `ws`, as far as its reading is concerned. */
export interface PacedSocket {
  readonly isPaused: boolean;
  readonly readyState: number;
  /** Beyond its published types: what takes its frames apart, and takes nothing any more after a close frame or a broken one. */
  readonly _receiver?: { readonly writable: boolean };
  resume(): void;
  removeAllListeners(event: 'message'): unknown;
}

const OPEN = 1;

/** What comes in pieces that large comes faster than it is read. */
const FLOOD_BYTES = 4 * 1024;

/** How much of them is read in one turn at first, at least and at most. */
const SLICE_BYTES = 2 * 1024;
const MIN_SLICE_BYTES = 512;
const MAX_SLICE_BYTES = 16 * 1024;

/** How long a slice may take: the shortest frames take much more for each byte than long ones do. */
const SLICE_MS = 1;

/** How long each slice waits once the closing has begun: nothing in it counts but the close frame of the other side. */
const CLOSING_PACE_MS = 20;

/**
 * Reads large pieces of a socket slice by slice, one in a turn: who fills the socket with frames that need no more than to be taken apart keeps nobody
 * else waiting. Once the WebSocket is closing its messages are dropped, and it is read just fast enough to find the close frame. To be called once the
 * WebSocket reads the socket.
 */
export function paceReads(webSocket: PacedSocket, socket: Socket, scheduler: TurnScheduler): void {
  const reader = new PacedReader(webSocket, socket, scheduler);
  socket.on('data', (chunk: Buffer) => reader.onData(chunk));
  socket.on('resume', () => reader.onResume());
  socket.prependListener('end', () => reader.onEnd()); // which may come although it is paused
  socket.prependListener('close', () => reader.onEnd());
}

class PacedReader implements TurnTaker {
  private readonly pieces: Buffer[] = [];
  private sliceBytes = SLICE_BYTES;
  private closingTimer: NodeJS.Timeout | undefined;
  private readonly readRaw: (chunk: Buffer) => void;

  constructor(
    private readonly webSocket: PacedSocket,
    private readonly socket: Socket,
    private readonly scheduler: TurnScheduler,
  ) {
    this.readRaw = takeDataListeners(socket);
  }

  onData(chunk: Buffer): void {
    const isSmall = chunk.length < FLOOD_BYTES && !this.scheduler.isOver;
    if (isSmall && this.isOpen && this.pieces.length === 0) return this.readRaw(chunk);
    this.pieces.push(chunk);
    this.wait();
  }

  /** Whoever has resumed it does not know what is here yet. */
  onResume(): void {
    if (this.pieces.length > 0) this.wait();
  }

  /** Nothing is lost that has come before the end. */
  onEnd(): void {
    this.scheduler.remove(this);
    clearTimeout(this.closingTimer);
    for (const piece of this.pieces.splice(0)) this.read(piece);
  }

  takeTurn(): void {
    const [piece] = this.pieces;
    if (!piece || this.webSocket.isPaused) return;
    const { sliceBytes } = this;
    this.pieces.splice(0, 1, ...(piece.length > sliceBytes ? [piece.subarray(sliceBytes)] : []));
    this.readSlice(piece.subarray(0, sliceBytes));
    if (this.webSocket.isPaused) return;
    if (this.pieces.length > 0) this.wait();
    else this.webSocket.resume();
  }

  private get isOpen(): boolean {
    return this.webSocket.readyState === OPEN;
  }

  private readSlice(slice: Buffer): void {
    const startedAt = performance.now();
    this.socket.cork(); // what it is answered goes out in one write
    this.read(slice);
    this.socket.uncork();
    const factor = performance.now() - startedAt > SLICE_MS ? 1 / 2 : 2;
    this.sliceBytes = Math.min(MAX_SLICE_BYTES, Math.max(MIN_SLICE_BYTES, this.sliceBytes * factor));
  }

  private read(bytes: Buffer): void {
    if (this.webSocket._receiver?.writable !== false) this.readRaw(bytes);
  }

  private wait(): void {
    this.socket.pause();
    if (this.isOpen) this.scheduler.add(this);
    else this.waitClosing();
  }

  private waitClosing(): void {
    this.webSocket.removeAllListeners('message');
    this.closingTimer ??= setTimeout(() => {
      this.closingTimer = undefined;
      this.takeTurn();
    }, CLOSING_PACE_MS).unref();
  }
}

function takeDataListeners(socket: Socket): (chunk: Buffer) => void {
  const listeners = socket
    .listeners('data')
    .map((listener) => listener.bind(socket) as (chunk: Buffer) => void);
  socket.removeAllListeners('data');
  const [only] = listeners;
  if (only && listeners.length === 1) return only;
  return (chunk) => {
    for (const listener of listeners) listener(chunk);
  };
}
