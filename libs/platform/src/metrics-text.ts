import type { Registry } from 'prom-client';

/** How long the text is given out again. */
const MAX_AGE_MS = 1_000;

/** The text of a registry, made at most once a second: scrapes at one time, and those that follow soon, share it. */
export class MetricsText {
  private text: Promise<string> | undefined;
  private madeAt = 0;

  constructor(
    private readonly registry: Pick<Registry, 'metrics'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Rejects as the registry does; the next call tries again. */
  read(): Promise<string> {
    if (!this.text || this.now() - this.madeAt >= MAX_AGE_MS) this.text = this.make();
    return this.text;
  }

  private async make(): Promise<string> {
    this.madeAt = this.now();
    try {
      return await this.registry.metrics();
    } catch (error) {
      this.text = undefined;
      throw error;
    }
  }
}
