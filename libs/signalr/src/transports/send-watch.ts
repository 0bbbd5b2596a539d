import type { Socket } from 'node:net';
import type { Timers } from './timers.js';

/** Watches the writes of one socket: what was handed over must be taken by the operating system within the send time-out. */
export class SendWatch {
  readonly #socket: Socket;
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  readonly #onBlocked: () => void;
  #cancel: (() => void) | undefined;

  constructor(socket: Socket, timers: Timers, timeoutMs: number, onBlocked: () => void) {
    this.#socket = socket;
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#onBlocked = onBlocked;
  }

  /** Call after each write. Costs nothing while the socket keeps up. */
  wrote(): void {
    if (this.#socket.writableLength > 0) this.#cancel ??= this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): () => void {
    const written = this.#socket.bytesWritten;
    return this.#timers.after(this.#timeoutMs, () => this.#check(written));
  }

  #check(expected: number): void {
    this.#cancel = undefined;
    const taken = this.#socket.bytesWritten - this.#socket.writableLength;
    if (this.#socket.writableLength > 0 && taken < expected) this.#onBlocked();
    else this.wrote();
  }
}
