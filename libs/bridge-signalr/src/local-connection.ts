import type { CloseReason } from '@ringback/contract';
import type { Connection, Frame } from '@ringback/core';
import { envelopeCodec, readFrame, type BridgedEnvelope } from './envelope-codec.js';

/** The bridge's name in metrics and for operators. */
const GATEWAY = 'bridge-signalr';

/** A connection of the hub to the bridge in the same process. What it was given and has not acknowledged counts as waiting. */
export class LocalConnection implements Connection {
  readonly gateway = GATEWAY;
  readonly codec = envelopeCodec;
  private waitingBytes = 0;
  private isClosed = false;

  constructor(
    readonly connectionId: string,
    private readonly listener: {
      onEnvelope(bridged: BridgedEnvelope, done: () => void): void;
      onClose(reason: CloseReason): void;
    },
  ) {}

  get bufferedBytes(): number {
    return this.waitingBytes;
  }

  send(frames: readonly Frame[]): void {
    if (this.isClosed) return;
    for (const frame of frames) {
      const { length } = frame;
      this.waitingBytes += length;
      this.listener.onEnvelope(readFrame(frame), () => (this.waitingBytes -= length));
    }
  }

  close(reason: CloseReason): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // Not within the hub's turn: it may be in the middle of a fan-out.
    queueMicrotask(() => this.listener.onClose(reason));
  }
}
