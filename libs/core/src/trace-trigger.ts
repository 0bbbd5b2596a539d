import { HubError, type TraceContext, type Trigger } from '@ringback/contract';
import type { Tracer } from './ports/tracer.port.js';

/** Does the work of a trigger as a step of the trace that it came with; `work` is given what to pass on. Rejects as the work does. */
export function traceTrigger<Result>(
  tracer: Tracer | undefined,
  { eventguid }: Trigger,
  parent: TraceContext | undefined,
  work: (trace?: TraceContext) => Promise<Result>,
): Promise<Result> {
  if (!tracer) return work();
  const span = tracer.start('trigger', eventguid, parent);
  if (!span) return work(parent);
  const done = work(span.context);
  done.then(
    () => span.end(),
    (error: unknown) => span.end(HubError.from(error).code),
  );
  return done;
}
