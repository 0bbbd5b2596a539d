import { CLOSE_REASONS, mayReconnect, type CloseReason } from '@ringback/contract';
import type { Codec, Connection, Frame } from '@ringback/core';
import type { InboundQueue } from './inbound-queue.js';

/** The write side of one client, as every gateway has it: it remembers why it was closed, closes once, and never throws at the hub. */
export abstract class GatewayConnection implements Connection {
  abstract readonly connectionId: string;
  abstract readonly gateway: string;
  abstract readonly codec: Codec;
  /** Through which everything passes that its client sends; absent where there is no client beyond this process. */
  readonly inbound?: InboundQueue | undefined;
  private reason: CloseReason | undefined;
  private isAborted = false;

  /** `reportError` is called with what went wrong in writing or closing; the connection is then aborted. */
  constructor(protected readonly reportError: (error: unknown) => void) {}

  abstract get bufferedBytes(): number;

  /** Why the hub closed it; `undefined` while it is open, and where the client went. */
  get closeReason(): CloseReason | undefined {
    return this.reason;
  }

  /** Whether it accepts commands: the hub has not closed it, and no write has failed. */
  get open(): boolean {
    return this.reason === undefined && !this.isAborted;
  }

  send(frames: readonly Frame[]): void {
    if (this.isAborted) return;
    this.inbound?.releaseReplies();
    this.orAbort(() => this.write(frames));
  }

  close(reason: CloseReason): void {
    if (this.reason) return;
    this.reason = reason;
    if (this.isAborted) return;
    // Not within the caller's turn: the hub may be in the middle of a fan-out.
    if (reason.name === CLOSE_REASONS['slow-consumer'].name) queueMicrotask(() => this.abortOnce());
    else this.orAbort(() => this.closeGracefully(reason, mayReconnect(reason)));
  }

  private orAbort(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.reportError(error);
      this.abortOnce();
    }
  }

  private abortOnce(): void {
    this.isAborted = true;
    try {
      this.abort();
    } catch (error) {
      this.reportError(error);
    }
  }

  /** Hands the frames to the transport, in one write where it can. */
  protected abstract write(frames: readonly Frame[]): void;

  /** Tells the client why, where the protocol can, and closes; `mayReconnect` says whether the client is to come back by itself. */
  protected abstract closeGracefully(reason: CloseReason, mayReconnect: boolean): void;

  /** Ends the link at once and without a closing handshake, which a peer that does not read would never finish. */
  protected abstract abort(): void;
}
