import { isSampled, type ErrorCode, type EventGuid, type TraceContext } from '@ringback/contract';
import type { Span, Tracer } from '../ports/tracer.port.js';

/** A step that has begun. */
export interface RecordedSpan {
  readonly step: string;
  readonly eventguid: string;
  readonly parent: string | undefined;
  readonly traceparent: string;
  ended: 'no' | 'well' | ErrorCode;
}

/** Keeps the spans of one node. Like the real ones it records nothing after a parent that is not sampled. */
export class RecordingTracer implements Tracer {
  readonly spans: RecordedSpan[] = [];

  constructor(
    /** One digit that its spans have all over. */
    private readonly digit: string,
    private readonly isOn = true,
  ) {}

  start(step: 'trigger' | 'deliver', eventguid: EventGuid, parent?: TraceContext): Span | undefined {
    if (!this.isOn || (parent && !isSampled(parent))) return undefined;
    const trace = parent?.traceparent.slice(3, 35) ?? 'f'.repeat(32);
    const traceparent = `00-${trace}-${this.digit.repeat(16)}-01`;
    const span: RecordedSpan = { step, eventguid, parent: parent?.traceparent, traceparent, ended: 'no' };
    this.spans.push(span);
    return { context: { ...parent, traceparent }, end: (error) => (span.ended = error ?? 'well') };
  }
}
