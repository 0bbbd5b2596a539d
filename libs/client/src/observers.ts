import { formatPosition, type Position } from '@ringback/contract';
import type { ClientOptions, ErrorContext } from './client-options.js';
import type { Delivery, DeliveryHandler } from './delivery.js';
import type { Status } from './status.js';
import type { ActiveSubscription } from './subscription.js';

/** The functions of the program that uses the client. Whatever they throw ends in `onError` and never in the client. */
export class Observers {
  constructor(private readonly options: Pick<ClientOptions, 'onStatus' | 'onGap' | 'onError'>) {}

  status(status: Status): void {
    this.call(() => this.options.onStatus?.(status), {});
  }

  /** Deliveries of the subscription after `after` are lost; it goes on at the position. */
  lost({ eventguid, silent }: ActiveSubscription, after: Position | undefined, position: string): void {
    if (silent) return;
    const gap = { eventguid, position, ...(after && { after: formatPosition(after) }) };
    this.call(() => this.options.onGap?.(gap), { eventguid, position });
  }

  presence(handler: () => unknown, eventguid: string): void {
    this.call(handler, { eventguid });
  }

  delivery(handler: DeliveryHandler, delivery: Delivery): void {
    this.call(() => handler(delivery), { eventguid: delivery.eventguid, position: delivery.position });
  }

  error(error: unknown, context: ErrorContext = {}): void {
    const { onError = writeToConsole } = this.options;
    try {
      onError(error, context);
    } catch (failure) {
      writeToConsole(failure, context);
    }
  }

  /** Hands the failure of work that nobody waits for to `onError`. */
  background(work: Promise<unknown>, context: ErrorContext): void {
    work.catch((error: unknown) => this.error(error, context));
  }

  private call(task: () => unknown, context: ErrorContext): void {
    try {
      const result = task();
      if (isThenable(result)) this.background(Promise.resolve(result), context);
    } catch (error) {
      this.error(error, context);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function writeToConsole(error: unknown, context: ErrorContext): void {
  console.error('ringback: an error that no caller waits for', context, error); // eslint-disable-line no-console -- the last resort: silence would swallow it
}
