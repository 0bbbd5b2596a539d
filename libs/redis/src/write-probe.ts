import type { RedisConnections } from './connections.js';
import { refusalOf } from './error-reply.js';
import { runScript, SCRIPTS } from './scripts.js';

/** What it writes ends with it, or after this if it is cut short. */
const TTL_MS = 10_000;

/** Proves, each time that it is run, that the master of a key takes writes. */
export class WriteProbe {
  private refusedWith: string | undefined;

  constructor(
    private readonly redis: Pick<RedisConnections, 'commands' | 'log'>,
    private readonly key: string,
  ) {}

  /** Redis' own word for why it refused last time, `OOM` for instance. */
  get refusal(): string | undefined {
    return this.refusedWith;
  }

  /** Resolves to whether it has written. A refusal is logged once, and its end; what says nothing of writes is left to the connection to report. */
  async run(): Promise<boolean> {
    try {
      await runScript(this.redis.commands, SCRIPTS.probe, [this.key], ['probe', TTL_MS]);
      this.accept();
      return true;
    } catch (error) {
      this.refuse(refusalOf(error), error);
      return false;
    }
  }

  private accept(): void {
    if (this.refusedWith !== undefined) this.redis.log.info('redis accepts writes again');
    this.refusedWith = undefined;
  }

  private refuse(refusal: string | undefined, error: unknown): void {
    if (refusal !== undefined && refusal !== this.refusedWith)
      this.redis.log.error('redis refuses writes', { refusal, error });
    this.refusedWith = refusal;
  }
}
