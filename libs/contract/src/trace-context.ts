/** Where a trace stands, in the words of W3C Trace Context. */
export interface TraceContext {
  /** Of version 00: trace, span that is the parent of what comes next, and whether it is sampled. */
  readonly traceparent: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** What everybody has to carry; longer ones may be dropped. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;
const ZEROS = /^0+$/;

/**
 * The context that comes with a message; `undefined` for what is none, which is as if it were not there. Of versions that are not known yet it is what version
 * 00 has of them. A state that is none, or too long, is left out.
 */
export function parseTraceContext(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  const [, version, trace = '', span = '', flags = '', more] = TRACEPARENT.exec(textOf(traceparent)) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (ZEROS.test(trace) || ZEROS.test(span)) return undefined;
  const sampled = Number.parseInt(flags, 16) & 1;
  const state = textOf(tracestate);
  return {
    traceparent: `00-${trace}-${span}-0${sampled}`,
    ...(TRACESTATE.test(state) && { tracestate: state }),
  };
}

/** Whether whoever began the trace, or carried it on, records it. */
export function isSampled({ traceparent }: TraceContext): boolean {
  return traceparent.endsWith('1');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
