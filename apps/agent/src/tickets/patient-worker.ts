import { Backoff, delay } from '@ringback/async';
import { Worker, type Job } from 'bullmq';

/** Before Redis is asked again for a ticket after it has failed or refused. */
const DELAYS = { minDelayMs: 500, maxDelayMs: 5_000 };

/** BullMQ's worker, which asks again at once when Redis refuses what it asks: thousands of times a second. This one waits in between, ever longer. */
export class PatientWorker<Data> extends Worker<Data> {
  private readonly failures = new Backoff(DELAYS);
  private readonly stopping = new AbortController();

  /** Waits between attempts end now; to be called before `close`. */
  stopWaiting(): void {
    this.stopping.abort();
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data>> {
    try {
      const job = await super.moveToActive(token, name);
      this.failures.reset();
      return job;
    } catch (error) {
      await this.waitBeforeRetry();
      throw error;
    }
  }

  /** BullMQ's own wait, a tenth of a second where it says no other. */
  override async delay(...[milliseconds, abort]: Parameters<Worker['delay']>): Promise<void> {
    if (milliseconds === undefined) await this.waitBeforeRetry();
    else await super.delay(milliseconds, abort);
  }

  private async waitBeforeRetry(): Promise<void> {
    // Never nothing: the delays of a back-off may be as short as they like.
    const delayMs = Math.max(DELAYS.minDelayMs / 2, this.failures.next());
    await delay(delayMs, this.stopping.signal).catch(() => undefined); // stopped meanwhile
  }
}
