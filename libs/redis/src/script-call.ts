import { unavailable, COMMAND_TIMEOUT_MS } from './redis-connection.js';
import type { ScriptArgument, ScriptReply } from './scripts.js';

/** One call of a script that is to be answered within the time that a command may take, from its arrival on. */
export class ScriptCall {
  readonly reply: Promise<ScriptReply>;
  private readonly expiresAt = performance.now() + COMMAND_TIMEOUT_MS;
  private onReply!: (reply: ScriptReply) => void;
  private onError!: (error: unknown) => void;
  private timer: NodeJS.Timeout | undefined;

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

  expire(): void {
    this.reject(new Error('Not sent in time.'));
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
