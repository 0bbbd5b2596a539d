import type { CloseReason } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import { GatewayConnection, type InboundQueue } from '@ringback/gateway-kit';
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { openResponse, sendAwayForGood, spread, type RecoveredHeader } from './sse.response.js';
import { GATEWAY, type SseOptions } from './sse.options.js';
import { OVER } from './stream-id.js';
import type { Beginning, StreamState } from './stream-state.js';
import { eventLines, STREAM_EVENTS } from './stream-text.js';

/** How long a client may take to read the end of its stream. */
const CLOSE_TIMEOUT_MS = 2_000;

/** The write side of one stream: a response without an end. */
export class SseConnection extends GatewayConnection {
  readonly connectionId = randomUUID();
  readonly gateway = GATEWAY;
  readonly codec: Codec;
  /** What was delivered before all subscriptions of the stream were made; absent once it is open. */
  private early: Frame[] | undefined = [];
  private earlyBytes = 0;
  private keepAlive: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly state: StreamState,
    override readonly inbound: InboundQueue,
    private readonly options: SseOptions,
    reportError: (error: unknown) => void,
  ) {
    super(reportError);
    this.codec = state.codec;
    response.once('close', () => clearInterval(this.keepAlive));
  }

  get bufferedBytes(): number {
    return this.earlyBytes + this.response.req.socket.writableLength;
  }

  /** Opens the stream: says from where it goes on, then all that was delivered by now. Does nothing if it was closed meanwhile. */
  start(beginnings: readonly Beginning[], resets: readonly Frame[], recovered: RecoveredHeader): void {
    const { early = [], response, state, options } = this;
    if (!this.open || response.destroyed) return;
    this.early = undefined;
    this.earlyBytes = 0;
    state.begin(beginnings);
    openResponse(response, recovered);
    response.write(`${resets.join('')}retry: ${options.retryMs}\nid: ${state.id}\n\n`, 'latin1');
    this.keepAlive = setInterval(() => this.beat(), options.keepAliveMs).unref();
    if (early.length > 0) this.send(early);
  }

  /** Answers that there is no stream to come back to. */
  sendAwayForGood(): void {
    sendAwayForGood(this.response);
  }

  protected write(frames: readonly Frame[]): void {
    if (this.early) return this.hold(this.early, frames);
    if (this.response.writableEnded) return;
    this.put(this.state.take(frames));
    if (this.state.isOver) this.finish();
  }

  /** The client comes back by itself, whatever it is told, unless its next request is answered with 204: the id has it answered so. */
  protected closeGracefully({ code, name, message }: CloseReason, mayReconnect: boolean): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    openResponse(this.response, undefined);
    const last = mayReconnect ? `retry: ${spread(this.options.retryMs)}\n` : `id: ${OVER}\n`;
    this.response.write(`${last}${eventLines(STREAM_EVENTS.close, { code, name, message })}\n`, 'latin1');
    this.finish();
  }

  protected abort(): void {
    this.response.destroy();
  }

  private hold(early: Frame[], frames: readonly Frame[]): void {
    for (const frame of frames) {
      early.push(frame);
      this.earlyBytes += frame.length;
    }
  }

  /** Past the response, which has nothing to add to it. */
  private put(text: Frame): void {
    const { socket } = this.response.req;
    if (socket.writable) socket.write(text, 'latin1');
  }

  /** Also tells those who have lost what was written last where they are. */
  private beat(): void {
    if (!this.response.writableEnded) this.put(`:\nid: ${this.state.id}\n\n`);
  }

  private finish(): void {
    clearInterval(this.keepAlive);
    this.response.end();
    setTimeout(() => this.abort(), CLOSE_TIMEOUT_MS).unref();
  }
}
