import type { Envelope, EventGuid } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import { eventLines, STREAM_EVENTS, utf8 } from '@ringback/gateway-kit';
import { W3C_WRITER, type EventWriter } from './event-writer.js';
import { eventOf, type StreamEvent } from './stream-event.js';

/** No text of a stream begins with this: what does says what becomes of the stream. */
const MARK = '\u0001';
/** The text behind it is the last one of the stream. */
const LAST = `${MARK}last `;
/** The writer has failed: the stream is cut off. */
const FAULT = `${MARK}fault`;

/** What becomes of a stream by a frame: it goes on, it ends, or it is cut off in the middle. */
export type Outcome = 'open' | 'ended' | 'cut-off';

export function outcomeOf(frame: Frame): Outcome {
  if (!frame.startsWith(MARK)) return 'open';
  return frame === FAULT ? 'cut-off' : 'ended';
}

/** What is to be written for a frame of that outcome. */
export function textOf(frame: Frame, outcome: Outcome): Frame {
  if (outcome === 'open') return frame;
  return outcome === 'ended' ? frame.slice(LAST.length) : '';
}

/** The frames of the topics of one type: each is made once for all its streams. */
export class EventCodec implements Codec {
  readonly name = 'fubu';
  /** Events that came out of one reading of the history are the same for all who wait for it. */
  private readonly frames = new WeakMap<StreamEvent, Frame>();

  constructor(
    private readonly writer: EventWriter,
    private readonly reportError: (error: unknown) => unknown,
  ) {}

  /** Events have no cookie. */
  encodeCookie(): Frame {
    return '';
  }

  /** A one-shot is the last event of its streams. What is lost is not passed over: the stream ends, and its client comes back for what is kept. */
  prepare(envelope: Envelope, gap: boolean): () => Frame {
    const frame = gap ? this.gapFrame(envelope.eventguid) : this.liveFrame(envelope);
    return () => frame;
  }

  encodeEnded(): Frame {
    return `${LAST}: the subscription has ended\n\n`;
  }

  /** Throws as the writer does. */
  frameOf(event: StreamEvent): Frame {
    let frame = this.frames.get(event);
    if (frame === undefined) this.frames.set(event, (frame = utf8(this.writer.write(event))));
    return frame;
  }

  private liveFrame(envelope: Envelope): Frame {
    try {
      const text = utf8(this.writer.write(eventOf(envelope)));
      return envelope.oneShot ? LAST + text : text;
    } catch (error) {
      this.reportError(error);
      return FAULT;
    }
  }

  private gapFrame(eventguid: EventGuid): Frame {
    const said = this.writer === W3C_WRITER ? eventLines(STREAM_EVENTS.reset, { eventguid }) : '';
    return `${LAST}: some events were lost on the way\n${said}\n`;
  }
}
