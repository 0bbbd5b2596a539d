import type { CloseReason } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import {
  eventLines,
  EventStreamConnection,
  sendAwayForGood,
  STREAM_EVENTS,
  type EventStreamOptions,
  type InboundQueue,
} from '@ringback/gateway-kit';
import type { ServerResponse } from 'node:http';
import { GATEWAY } from './sse.options.js';
import { OVER } from './stream-id.js';
import type { Beginning, StreamState } from './stream-state.js';

/** Says whether all that came after the client's id is still delivered; `undefined` to one that has brought none. */
export type RecoveredHeader = boolean | undefined;

/** One stream: its state makes an id of what is written. */
export class SseConnection extends EventStreamConnection {
  readonly gateway = GATEWAY;
  readonly codec: Codec;

  constructor(
    response: ServerResponse,
    private readonly state: StreamState,
    inbound: InboundQueue,
    options: EventStreamOptions,
    reportError: (error: unknown) => void,
  ) {
    super(response, inbound, options, reportError);
    this.codec = state.codec;
  }

  protected get isOver(): boolean {
    return this.state.isOver;
  }

  /** Opens the stream: says from where it goes on, then all that was delivered by now. Does nothing if it was closed meanwhile. Rejects with `relay-unavailable`. */
  async start(
    beginnings: readonly Beginning[],
    resets: readonly Frame[],
    recovered: RecoveredHeader,
  ): Promise<void> {
    const { state, options } = this;
    await state.begin(beginnings);
    const first = `${resets.join('')}retry: ${options.retryMs}\nid: ${state.id}\n\n`;
    this.begin(first, { 'Ringback-Recovered': recovered?.toString() });
  }

  /** Answers that there is no stream to come back to. */
  sendAwayForGood(): void {
    sendAwayForGood(this.response);
  }

  protected take(frames: readonly Frame[]): Frame {
    return this.state.take(frames);
  }

  /** Also tells those who have lost what was written last where they are. */
  protected beatText(): Frame {
    return `:\nid: ${this.state.id}\n\n`;
  }

  /** The client comes back by itself, whatever it is told, unless its next request is answered with 204: the id has it answered so. */
  protected lastText({ code, name, message }: CloseReason, mayReconnect: boolean, retryMs: number): Frame {
    const last = mayReconnect ? `retry: ${retryMs}\n` : `id: ${OVER}\n`;
    return `${last}${eventLines(STREAM_EVENTS.close, { code, name, message })}\n`;
  }
}
