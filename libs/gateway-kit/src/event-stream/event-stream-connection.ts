import type { CloseReason } from '@ringback/contract';
import type { Frame } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { GatewayConnection } from '../gateway-connection.js';
import type { InboundQueue } from '../inbound-queue.js';
import { openResponse, spread, type StreamHeaders } from './stream-response.js';

/** How long a client may take to read the end of its stream. */
const CLOSE_TIMEOUT_MS = 2_000;

/** How streams are kept. */
export interface EventStreamOptions {
  /** How long a client waits before it comes back after its stream has ended. */
  readonly retryMs: number;
  /** How often an open stream says something, so that nobody in between takes it for dead. */
  readonly keepAliveMs: number;
}

/** The write side of one event stream: a response without an end. What it writes, the protocol says. */
export abstract class EventStreamConnection extends GatewayConnection {
  readonly connectionId = randomUUID();
  /** What was delivered before the stream was begun; absent from then on. */
  private early: Frame[] | undefined = [];
  private earlyBytes = 0;
  private keepAlive: NodeJS.Timeout | undefined;

  constructor(
    protected readonly response: ServerResponse,
    override readonly inbound: InboundQueue,
    protected readonly options: EventStreamOptions,
    reportError: (error: unknown) => void,
  ) {
    super(reportError);
    response.once('close', () => clearInterval(this.keepAlive));
  }

  get bufferedBytes(): number {
    return this.earlyBytes + this.response.req.socket.writableLength;
  }

  /** Opens the stream: the headers and `first`, then all that was delivered by now. Does nothing if it was closed meanwhile. */
  protected begin(first: Frame, headers?: StreamHeaders): void {
    const { early = [], response } = this;
    if (!this.open || response.destroyed) return;
    this.early = undefined;
    this.earlyBytes = 0;
    openResponse(response, headers);
    response.write(first, 'latin1');
    this.keepAlive = setInterval(() => this.beat(), this.options.keepAliveMs).unref();
    if (early.length > 0) this.send(early);
  }

  /** The text to be written for what is delivered. */
  protected abstract take(frames: readonly Frame[]): Frame;

  /** Whether nothing more can come after what was taken: the stream then ends. */
  protected abstract get isOver(): boolean;

  /** What an open stream says now and then. */
  protected abstract beatText(): Frame;

  /** The last that is said to a client whom the hub sends away; `retryMs` differs from stream to stream. */
  protected abstract lastText(reason: CloseReason, mayReconnect: boolean, retryMs: number): Frame;

  protected write(frames: readonly Frame[]): void {
    if (this.early) return this.hold(this.early, frames);
    if (this.response.writableEnded) return;
    this.put(this.take(frames));
    if (this.isOver) this.finish();
  }

  protected closeGracefully(reason: CloseReason, mayReconnect: boolean): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    openResponse(this.response);
    this.response.write(this.lastText(reason, mayReconnect, spread(this.options.retryMs)), 'latin1');
    this.finish();
  }

  protected abort(): void {
    this.response.destroy();
  }

  /** Ends the stream once its client has read what is written, or has taken too long for that. */
  protected finish(): void {
    clearInterval(this.keepAlive);
    this.response.end();
    setTimeout(() => this.abort(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Past the response, which has nothing to add to it. */
  private put(text: Frame): void {
    const { socket } = this.response.req;
    if (socket.writable) socket.write(text, 'latin1');
  }

  private hold(early: Frame[], frames: readonly Frame[]): void {
    for (const frame of frames) {
      early.push(frame);
      this.earlyBytes += frame.length;
    }
  }

  private beat(): void {
    if (!this.response.writableEnded) this.put(this.beatText());
  }
}
