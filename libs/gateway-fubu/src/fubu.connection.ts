import type { CloseReason } from '@ringback/contract';
import type { Frame } from '@ringback/core';
import {
  EventStreamConnection,
  openResponse,
  type EventStreamOptions,
  type InboundQueue,
} from '@ringback/gateway-kit';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { outcomeOf, textOf, type EventCodec, type Outcome } from './event.codec.js';
import { GATEWAY } from './fubu.options.js';
import { SENT_AWAY } from './stream-request.js';

/** So much of what is kept is written at once; more when the client has taken that. */
const PORTION_BYTES = 64 * 1024;

/** One client of a topic: a response without an end. */
export class FubuConnection extends EventStreamConnection {
  readonly gateway = GATEWAY;
  private outcome: Outcome = 'open';
  /** What is kept and not written yet. */
  private backlogBytes = 0;

  constructor(
    response: ServerResponse,
    readonly codec: EventCodec,
    /** Most bytes of the backlog that count. */
    private readonly maxBacklogBytes: number,
    inbound: InboundQueue,
    options: EventStreamOptions,
    reportError: (error: unknown) => void,
  ) {
    super(response, inbound, options, reportError);
  }

  /** Of what is kept only so much counts that there is room for what comes meanwhile. */
  override get bufferedBytes(): number {
    return super.bufferedBytes + Math.min(this.backlogBytes, this.maxBacklogBytes);
  }

  protected get isOver(): boolean {
    return this.outcome !== 'open';
  }

  /**
   * Opens the stream with what the client gets first, as fast as it takes that, then all that was delivered by now. Resolves once all is written, or the client is
   * gone, or was sent away meanwhile; one that takes nothing for as long as two keep-alives is cut off.
   */
  async start(first: readonly Frame[]): Promise<void> {
    const { response } = this;
    if (!this.open || response.destroyed) return;
    openResponse(response);
    this.backlogBytes = first.reduce((bytes, frame) => bytes + frame.length, 0);
    for (const portion of portions(first)) {
      if (!this.open || response.destroyed) return;
      this.backlogBytes -= portion.length;
      if (!response.write(portion, 'latin1') && !(await this.drained())) return this.abort();
    }
    this.begin('');
  }

  protected take(frames: readonly Frame[]): Frame {
    const [only = ''] = frames;
    if (frames.length === 1) return this.takeOne(only);
    let text = '';
    for (const frame of frames) if (!this.isOver) text += this.takeOne(frame);
    return text;
  }

  protected beatText(): Frame {
    return ':\n\n';
  }

  /** A name of its own would pass for an event of the topic. The client comes back by itself, unless its next request is answered with 204. */
  protected lastText({ name }: CloseReason, mayReconnect: boolean, retryMs: number): Frame {
    return `${mayReconnect ? `retry: ${retryMs}` : `id: ${SENT_AWAY}`}\n: ${name}\n\n`;
  }

  /** A stream that is cut off must not look whole. */
  protected override finish(): void {
    if (this.outcome === 'cut-off') this.abort();
    else super.finish();
  }

  private takeOne(frame: Frame): Frame {
    this.outcome = outcomeOf(frame);
    return textOf(frame, this.outcome);
  }

  /** Resolves to whether the client has taken what was written: it may be gone before, or take nothing. */
  private async drained(): Promise<boolean> {
    const gone = new AbortController();
    const onClose = (): void => gone.abort();
    const timer = setTimeout(onClose, 2 * this.options.keepAliveMs).unref();
    this.response.once('close', onClose);
    try {
      await once(this.response, 'drain', { signal: gone.signal });
      return true;
    } catch {
      return false; // no fault of ours
    } finally {
      clearTimeout(timer);
      this.response.off('close', onClose);
    }
  }
}

function* portions(frames: readonly Frame[]): Iterable<Frame> {
  let portion = '';
  for (const frame of frames) {
    portion += frame;
    if (portion.length < PORTION_BYTES) continue;
    yield portion;
    portion = '';
  }
  if (portion !== '') yield portion;
}
