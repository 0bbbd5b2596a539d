import { COMMAND_TIMEOUT_MS, notSent, unavailable } from './redis-connection.js';
import type { ScriptArgument, ScriptReply } from './scripts.js';

/** One call of a script that is to be answered within the time that a command may take, from its arrival on. */
export class ScriptCall {
  readonly reply: Promise<ScriptReply>;
  private readonly expiresAt = performance.now() + COMMAND_TIMEOUT_MS;
  private onReply!: (reply: ScriptReply) => void;
  private onError!: (error: unknown) => void;
  private timer: NodeJS.Timeout | undefined;
  private mayBeDone = false;

  constructor(
    readonly slot: number,
    readonly keys: readonly string[],
    readonly args: readonly ScriptArgument[],
  ) {
    this.reply = new Promise((resolve, reject) => {
      this.onReply = resolve;
      this.onError = reject;
    });
  }

  get expired(): boolean {
    return performance.now() >= this.expiresAt;
  }

  /** It is not on its way to a server, which would have a timeout of its own. */
  expireInTime(): void {
    this.timer ??= setTimeout(() => this.expire(), this.expiresAt - performance.now());
  }

  /** From now on it may have been carried out when its time is up. */
  markSent(): void {
    this.mayBeDone = true;
  }

  expire(): void {
    this.reject(this.mayBeDone ? new Error('No answer in time.') : notSent('Not sent in time.'));
  }

  resolve(reply: ScriptReply): void {
    clearTimeout(this.timer);
    this.onReply(reply);
  }

  reject(error: unknown): void {
    clearTimeout(this.timer);
    this.onError(unavailable(error));
  }
}
