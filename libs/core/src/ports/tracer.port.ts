import type { ErrorCode, EventGuid, TraceContext } from '@ringback/contract';

/** A step of a trace that is under way. */
export interface Span {
  /** Where the trace stands in it: what comes next has it for a parent. */
  readonly context: TraceContext;
  /** It is done, or has failed with the code. To be called once. */
  end(error?: ErrorCode): void;
}

/**
 * What is recorded of the way of an event: one `trigger` on the node that takes it in, one `deliver` on each node that it reaches and that has subscribers. Where there
 * is no tracer nothing is recorded, and contexts are not passed on.
 */
export interface Tracer {
  /**
   * Begins a step after `parent`, or a trace of its own. `undefined` where it is not recorded, as when the parent is not sampled: what is passed on is then the
   * parent as it came. Must be quick, and never throws.
   */
  start(step: 'trigger' | 'deliver', eventguid: EventGuid, parent?: TraceContext): Span | undefined;
}
