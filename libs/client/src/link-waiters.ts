import { HubError } from '@ringback/contract';
import type { Clock } from './clock.js';
import type { Link } from './transports/transport.js';

interface Waiter {
  resolve(link: Link): void;
  reject(error: HubError): void;
}

/** Commands that wait for the next link. */
export class LinkWaiters {
  private readonly waiters = new Set<Waiter>();

  constructor(private readonly clock: Clock) {}

  /** Rejects with `timeout`, and what there is to say about it, if no link has come by then. */
  wait(timeoutMs: number, why: () => string): Promise<Link> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(timeoutMs, () => waiter.reject(new HubError('timeout', why())));
      const done = (): void => {
        cancel();
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: (link) => (done(), resolve(link)),
        reject: (error) => (done(), reject(error)),
      };
      this.waiters.add(waiter);
    });
  }

  resolveAll(link: Link): void {
    for (const waiter of this.waiters) waiter.resolve(link);
  }

  rejectAll(error: HubError): void {
    for (const waiter of this.waiters) waiter.reject(error);
  }
}
