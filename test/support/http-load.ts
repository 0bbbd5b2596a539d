import { waitFor } from '@ringback/conformance';
import { trigger } from './http.js';
import { Steady } from './steady.js';

/** Triggers of one event over HTTP at a steady pace, each sent once, whatever comes of it; its data is its number. */
export class HttpLoad {
  /** When each was sent, by its number. */
  readonly sentAt: number[] = [];
  /** Positions, in the order in which they were answered. */
  readonly accepted: string[] = [];
  /** What became of the others: status and problem, or the error of the connection. */
  readonly refused: string[] = [];
  private triggers: Steady | undefined;

  constructor(
    private readonly url: string,
    private readonly eventguid: string,
  ) {}

  begin(perSecond: number): void {
    this.triggers = new Steady(perSecond, () => this.trigger());
  }

  /** Waits until so many more have been answered. */
  async goOn(count: number): Promise<void> {
    const before = this.answered;
    await waitFor(() => this.answered >= before + count, `${count} triggers`, 30_000);
  }

  async end(): Promise<void> {
    await this.triggers?.end();
  }

  close(): void {
    this.triggers?.stop(); // where a test failed before its end
  }

  private get answered(): number {
    return this.accepted.length + this.refused.length;
  }

  private async trigger(): Promise<void> {
    const number = this.sentAt.push(performance.now()) - 1;
    try {
      this.accepted.push((await trigger(this.url, this.eventguid, { data: String(number) })).position);
    } catch (error) {
      const { message, cause } = error as Error;
      this.refused.push(`${number}: ${message} ${cause instanceof Error ? cause.message : ''}`);
    }
  }
}
