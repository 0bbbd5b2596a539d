import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span as RecordedSpan,
  type SpanContext,
  type Tracer as SpanSource,
} from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { isSampled, type ErrorCode, type EventGuid, type TraceContext } from '@ringback/contract';
import type { Span, Tracer } from '@ringback/core';

const KINDS = { trigger: SpanKind.SERVER, deliver: SpanKind.CONSUMER } as const;

/** Steps as spans of OpenTelemetry. They say which event it was, and nothing else of it. */
export class OpenTelemetryTracer implements Tracer {
  constructor(private readonly spans: SpanSource) {}

  start(step: 'trigger' | 'deliver', eventguid: EventGuid, parent?: TraceContext): Span | undefined {
    if (parent && !isSampled(parent)) return undefined; // whatever the sampler thinks of it, and at no cost
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)) : ROOT_CONTEXT;
    const attributes = { 'ringback.eventguid': eventguid };
    const span = this.spans.startSpan(step, { kind: KINDS[step], attributes }, context);
    return span.isRecording() ? new OpenTelemetrySpan(span) : undefined;
  }
}

class OpenTelemetrySpan implements Span {
  readonly context: TraceContext;

  constructor(private readonly span: RecordedSpan) {
    const { traceId, spanId, traceState } = span.spanContext();
    const tracestate = traceState?.serialize();
    this.context = { traceparent: `00-${traceId}-${spanId}-01`, ...(tracestate && { tracestate }) };
  }

  end(error?: ErrorCode): void {
    if (error !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    this.span.end();
  }
}

function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = '', spanId = ''] = traceparent.split('-');
  return {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: new TraceState(tracestate) }),
  };
}
