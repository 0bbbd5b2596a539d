import type { Socket } from 'node:net';
import type { TurnScheduler } from './turn-scheduler.js';

/** A WebSocket of `ws`, as far as its reading is concerned. */
export interface PacedSocket {
  readonly isPaused: boolean;
  resume(): void;
}

/** What comes in pieces that large comes faster than it is read. */
const FLOOD_BYTES = 16 * 1024;

/**
 * Reads one large piece of a socket in a turn, and the next one when that of all others had their turn: who fills the socket with frames that need no
 * more than to be taken apart keeps nobody else waiting.
 */
export function paceReads(webSocket: PacedSocket, socket: Socket, scheduler: TurnScheduler): void {
  const reader = {
    takeTurn(): boolean {
      if (webSocket.isPaused || socket.destroyed) return false;
      webSocket.resume();
      return true;
    },
  };
  socket.on('data', ({ length }: Buffer) => {
    if (length < FLOOD_BYTES) return;
    socket.pause();
    scheduler.add(reader);
  });
}
