/** How one stream reaches its client. */
export interface StreamSink {
  /** Throws when the item cannot be written. What is answered settles when there is room for more. */
  item(item: unknown): Promise<void> | undefined;
}

/** Where the items of a stream come from. */
export type Source = AsyncIterator<unknown> | Iterator<unknown>;

const isIterable = <Key extends symbol>(value: unknown, key: Key): value is Record<Key, () => Source> =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, key) === 'function';

/** The items of whatever a streaming method returned; undefined when it is no stream. */
export const streamOf = (value: unknown): Source | undefined => {
  if (isIterable(value, Symbol.asyncIterator)) return value[Symbol.asyncIterator]();
  return isIterable(value, Symbol.iterator) ? value[Symbol.iterator]() : undefined;
};

const interrupted = Symbol('interrupted');

/** Waits for promises until the signal aborts. One listener for all of them: a race with a lasting promise would leak with each item. */
export const interruptedBy = (signal: AbortSignal) => {
  let interrupt: () => void = () => {};
  signal.addEventListener('abort', () => interrupt(), { once: true });
  return <T>(promise: Promise<T>): Promise<T | typeof interrupted> =>
    new Promise((resolve, reject) => {
      interrupt = () => resolve(interrupted);
      promise.then(resolve, reject);
      if (signal.aborted) interrupt();
    });
};

const itemsPerTurn = 10;

// A source that is always ready would otherwise keep the process from everything else, the cancellation included.
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const nextOf = async (source: Source): Promise<IteratorResult<unknown>> => source.next();

/** Sends item after item until the source ends or the signal aborts. Rejects with what the source throws; never waits for a cancelled source. */
export const sendStream = async (
  source: Source,
  sink: StreamSink,
  signal: AbortSignal,
  onLateFailure: (error: unknown) => void,
): Promise<void> => {
  const unlessAborted = interruptedBy(signal);
  let sent = 0;
  try {
    for (;;) {
      const next = await unlessAborted(nextOf(source));
      if (next === interrupted || next.done === true || signal.aborted) return;
      const room = sink.item(next.value);
      if (room !== undefined) await unlessAborted(room);
      sent += 1;
      if (sent % itemsPerTurn === 0) await nextTurn();
    }
  } finally {
    release(source, onLateFailure);
  }
};

// Returning a source that has ended changes nothing; one that is still busy hears of it when it yields again.
const release = (source: Source, onLateFailure: (error: unknown) => void): void => {
  const end = async (): Promise<unknown> => source.return?.(undefined);
  end().catch(onLateFailure);
};
