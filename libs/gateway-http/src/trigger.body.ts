import type { TraceContext } from '@ringback/contract';

/** What the body of a trigger says: the data, and options not yet checked. */
export interface TriggerBody {
  readonly data: unknown;
  readonly options: Readonly<Record<string, unknown>>;
  /** Key to use if the client names none. */
  readonly defaultKey?: string;
  /** The trace that the body, or what describes it, says that it belongs to. */
  readonly trace?: TraceContext | undefined;
}
