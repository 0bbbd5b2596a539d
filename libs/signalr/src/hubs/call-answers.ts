import type { BindingFailure, Completion } from '../protocols/messages.js';
import type { Call } from './binding.js';
import type { CallHost } from './call-host.js';
import { errorTexts, HubException, InvalidDataException, withDetails } from './hub-errors.js';

/** What callers are told of their calls. */
export class CallAnswers {
  constructor(private readonly host: CallHost) {}

  /** Throws when the result cannot be written. */
  complete(invocationId: string | undefined, outcome: Omit<Completion, 'type' | 'invocationId'>): void {
    if (invocationId === undefined || this.host.signal.aborted) return;
    const room = this.host.send({ type: 'completion', invocationId, ...outcome });
    if (room !== undefined) this.forget(room);
  }

  unexpected(call: Call, error: unknown): string {
    if (!(error instanceof HubException)) this.host.warn('hub method failed', error);
    return withDetails(errorTexts.unexpected(call.target), error, this.host.options.detailedErrors);
  }

  brokenStream(error: unknown): string {
    if (!(error instanceof HubException)) this.host.warn('hub stream failed', error);
    return withDetails(errorTexts.streaming, error, this.host.options.detailedErrors);
  }

  refuse(call: Call, text: string, name: string): undefined {
    this.complete(call.invocationId, { error: text });
    this.host.options.metrics.invoked(name, 0, false);
  }

  fail(call: Call, error: unknown, name: string): undefined {
    return this.refuse(call, this.unexpected(call, error), name);
  }

  /** A call whose arguments could not even be read. */
  failBinding({ invocationId, target, reason }: BindingFailure): void {
    const { detailedErrors } = this.host.options;
    const error = new InvalidDataException(reason);
    this.host.onUnboundCall();
    this.complete(invocationId, {
      error: withDetails(errorTexts.failedToInvoke(target), error, detailedErrors),
    });
  }

  forget(run: Promise<void>): void {
    run.catch((error: unknown) => this.host.warn('hub call failed', error));
  }

  count(name: string, startedMs: number, succeeded: boolean): void {
    const { metrics, timers } = this.host.options;
    metrics.invoked(name, timers.nowMs() - startedMs, succeeded);
  }
}
