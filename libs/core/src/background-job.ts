import type { Log } from './ports/log.port.js';

/** Work that runs by itself, never twice at a time, and whose failure is logged and ends nothing else. */
export class BackgroundJob {
  private running: Promise<void> | undefined;

  constructor(
    private readonly name: string,
    private readonly work: () => Promise<void>,
    private readonly log: Log,
  ) {}

  /** Begins, unless it is still running. */
  begin(): void {
    this.running ??= this.work()
      .catch((error: unknown) => this.log.warn('background job failed', { job: this.name, error }))
      .finally(() => (this.running = undefined));
  }

  /** Resolves when it does not run. */
  async idle(): Promise<void> {
    await this.running;
  }
}
