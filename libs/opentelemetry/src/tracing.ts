import type { Tracer } from '@ringback/core';

/** A tracer whose spans leave the process. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Resolves once what was recorded has left, or could not. Never rejects. */
  close(): Promise<void>;
}

/** Whose spans they are. */
export interface TracedNode {
  readonly nodeId: string;
  readonly version: string;
}
