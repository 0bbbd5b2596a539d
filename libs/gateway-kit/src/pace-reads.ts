import type { Socket } from 'node:net';
import type { TurnScheduler, TurnTaker } from './turn-scheduler.js';

/** A WebSocket of `ws`, as far as its reading is concerned. */
export interface PacedSocket {
  readonly isPaused: boolean;
  resume(): void;
}

/** What comes in pieces that large comes faster than it is read. */
const FLOOD_BYTES = 16 * 1024;

/** So much of them is read in one turn: some thousand of the shortest frames there are. */
const SLICE_BYTES = 8 * 1024;

/**
 * Reads large pieces of a socket slice by slice, one in a turn: who fills the socket with frames that need no more than to be taken apart, or to be
 * answered with a pong, keeps nobody else waiting. To be called once the WebSocket reads the socket.
 */
export function paceReads(webSocket: PacedSocket, socket: Socket, scheduler: TurnScheduler): void {
  const reader = new PacedReader(webSocket, socket, scheduler);
  socket.on('data', (chunk: Buffer) => reader.onData(chunk));
  socket.on('resume', () => reader.onResume());
  socket.prependListener('close', () => reader.onClose());
}

class PacedReader implements TurnTaker {
  private readonly pieces: Buffer[] = [];
  private readonly read: (chunk: Buffer) => void;

  constructor(
    private readonly webSocket: PacedSocket,
    private readonly socket: Socket,
    private readonly scheduler: TurnScheduler,
  ) {
    this.read = takeDataListeners(socket);
  }

  onData(chunk: Buffer): void {
    if (this.pieces.length === 0 && chunk.length < FLOOD_BYTES) return this.read(chunk);
    this.pieces.push(chunk);
    this.wait();
  }

  /** Whoever has resumed it does not know what is here yet. */
  onResume(): void {
    if (this.pieces.length > 0) this.wait();
  }

  /** Nothing is lost that has come before the end. */
  onClose(): void {
    this.scheduler.remove(this);
    for (const piece of this.pieces.splice(0)) this.read(piece);
  }

  takeTurn(): void {
    const [piece] = this.pieces;
    if (!piece || this.webSocket.isPaused) return;
    this.pieces.splice(0, 1, ...(piece.length > SLICE_BYTES ? [piece.subarray(SLICE_BYTES)] : []));
    this.socket.cork(); // what it is answered goes out in one write
    this.read(piece.subarray(0, SLICE_BYTES));
    this.socket.uncork();
    if (this.webSocket.isPaused) return;
    if (this.pieces.length > 0) this.scheduler.add(this);
    else this.webSocket.resume();
  }

  private wait(): void {
    this.socket.pause();
    this.scheduler.add(this);
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
