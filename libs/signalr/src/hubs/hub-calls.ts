import type { StreamInvocation } from '../protocols/messages.js';
import { bind, wrongMode, type Call } from './binding.js';
import { CallAnswers } from './call-answers.js';
import type { CallHost } from './call-host.js';
import type { HubContext } from './hub-context.js';
import type { KnownMethod } from './hub-definition.js';
import { errorTexts, HubException } from './hub-errors.js';
import { InvocationSlots, type Slot } from './invocation-slots.js';
import { interruptedBy, sendStream, streamOf, type Source, type StreamSink } from './stream-sending.js';
import type { Upload } from './upload.js';
import { Uploads } from './uploads.js';

/** Runs what one client calls: exactly one Completion for each call that has an id, none for the others. */
export class HubCalls {
  readonly uploads: Uploads;
  readonly answers: CallAnswers;
  private readonly slots: InvocationSlots;
  private readonly streams = new Map<string, AbortController>();
  private openCalls = 0;
  private closed = false;

  constructor(private readonly host: CallHost) {
    this.answers = new CallAnswers(host);
    const { parallelInvocations, maxOpenCalls, uploadBufferItems } = host.options;
    this.uploads = new Uploads(uploadBufferItems);
    this.slots = new InvocationSlots(parallelInvocations, parallelInvocations + maxOpenCalls);
  }

  /** Starts a call. What is answered settles once the next message may be looked at. */
  call(call: Call): Promise<void> | undefined {
    const known = bind(this.host.hub, call, this.host.protocol, this.host.options.detailedErrors);
    if (typeof known === 'string') return this.unbound(call, known);
    if (call.type === 'stream-invocation' || known.uploads > 0 || known.streams)
      return this.open(known, call);
    const room = this.slots.room();
    if (room === undefined) return this.start(known, call);
    return room.then(() => this.start(known, call));
  }

  private unbound(call: Call, text: string): undefined {
    this.answers.refuse(call, text, '(unknown)');
    this.host.onUnboundCall();
  }

  /** Unknown ids are ignored. */
  cancel(invocationId: string): void {
    this.streams.get(invocationId)?.abort();
  }

  close(): void {
    this.closed = true;
    this.uploads.close();
    for (const stream of this.streams.values()) stream.abort();
  }

  /** Streams take no slot, so that their items and cancellations are never held up by them. */
  private open(known: KnownMethod, call: Call): undefined {
    if (this.openCalls >= this.host.options.maxOpenCalls) {
      return this.answers.fail(call, new HubException('Too many streams are open.'), known.name);
    }
    // Taken in before anything is awaited: the first items may follow in the same piece.
    const streamIds = call.streamIds?.length === known.uploads ? call.streamIds : [];
    try {
      const uploads = this.uploads.begin(streamIds);
      this.openCalls += 1;
      this.answers.forget(this.runOpen(known, call, uploads).finally(() => this.endOpen(streamIds)));
    } catch (error) {
      this.answers.fail(call, error, known.name);
    }
    return undefined;
  }

  private runOpen(known: KnownMethod, call: Call, uploads: readonly Upload[]): Promise<void> {
    const streams = known.streams && call.type === 'stream-invocation';
    return streams ? this.stream(known, call, uploads) : this.plain(known, call, undefined, uploads);
  }

  private endOpen(streamIds: readonly string[]): void {
    this.openCalls -= 1;
    this.uploads.end(streamIds);
  }

  private start(known: KnownMethod, call: Call): undefined {
    if (this.closed) return undefined;
    const slot = this.slots.take();
    this.answers.forget(this.plain(known, call, slot).finally(() => slot.end()));
    return undefined;
  }

  private async plain(
    known: KnownMethod,
    call: Call,
    slot?: Slot,
    uploads: readonly Upload[] = [],
  ): Promise<void> {
    const startedMs = this.host.options.timers.nowMs();
    let succeeded = false;
    try {
      const context = this.host.context({
        signal: this.host.signal,
        slot,
        awaited: call.invocationId !== undefined,
      });
      const refusal = await this.refusal(known, call, context);
      if (refusal !== undefined) return this.answers.complete(call.invocationId, { error: refusal });
      const result = await run(known, call, context, uploads);
      this.answers.complete(call.invocationId, { hasResult: true, result: result ?? null });
      succeeded = true;
    } catch (error) {
      this.answers.complete(call.invocationId, { error: this.answers.unexpected(call, error) });
    } finally {
      this.answers.count(known.name, startedMs, succeeded);
    }
  }

  private async stream(
    known: KnownMethod,
    call: StreamInvocation,
    uploads: readonly Upload[],
  ): Promise<void> {
    const { invocationId } = call;
    if (this.streams.has(invocationId))
      return this.answers.complete(invocationId, { error: errorTexts.idInUse(invocationId) });
    const startedMs = this.host.options.timers.nowMs();
    const controller = new AbortController();
    this.streams.set(invocationId, controller);
    const error = await this.streamOnce(known, call, uploads, controller.signal);
    this.streams.delete(invocationId);
    this.answers.complete(invocationId, error === undefined ? {} : { error });
    this.answers.count(known.name, startedMs, error === undefined);
  }

  /** Resolves with the error text, if any. */
  private async streamOnce(
    known: KnownMethod,
    call: StreamInvocation,
    uploads: readonly Upload[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    let source: Source | undefined;
    try {
      const context = this.host.context({ signal, awaited: true });
      const refusal = await this.refusal(known, call, context);
      if (refusal !== undefined) return refusal;
      const running = run(known, call, context, uploads);
      const result = await interruptedBy(signal)(running);
      if (signal.aborted) return this.endLate(running, signal);
      source = streamOf(result);
      if (source === undefined) throw new TypeError('The streaming method returned no stream.');
      await sendStream(source, this.sink(call), signal, this.onLateFailure);
      return undefined;
    } catch (error) {
      return source === undefined ? this.answers.unexpected(call, error) : this.answers.brokenStream(error);
    }
  }

  /** A stream that its method returns when nobody wants it any more is still to be let go of. */
  private endLate(running: Promise<unknown>, signal: AbortSignal): undefined {
    const end = async (): Promise<void> => {
      const source = streamOf(await running);
      if (source) await sendStream(source, { item: () => undefined }, signal, this.onLateFailure);
    };
    end().catch(this.onLateFailure);
  }

  private readonly onLateFailure = (error: unknown): void => this.host.warn('hub stream failed late', error);

  private sink({ invocationId }: StreamInvocation): StreamSink {
    return {
      item: (item) => this.host.sendPaced({ type: 'stream-item', invocationId, item: item ?? null }),
    };
  }

  private refusal(
    known: KnownMethod,
    call: Call,
    context: HubContext,
  ): Promise<string | undefined> | string | undefined {
    const { authorize } = known.method;
    if (authorize === undefined) return wrongMode(known, call);
    const decide = async (): Promise<string | undefined> =>
      (await authorize(context)) ? wrongMode(known, call) : errorTexts.unauthorized(call.target);
    return decide();
  }
}

const run = async (
  { method }: KnownMethod,
  call: Call,
  context: HubContext,
  uploads: readonly Upload[],
): Promise<unknown> => {
  const run = method.call as (context: HubContext, ...args: readonly unknown[]) => unknown;
  return run(context, ...call.args, ...uploads);
};
