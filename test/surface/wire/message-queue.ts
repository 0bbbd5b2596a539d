import { EventEmitter, once } from 'node:events';

const DEADLINE_MS = 10_000;

/** The messages that one connection has received, in order of arrival, until a step of the scenario consumes them. */
export class MessageQueue {
  private readonly messages: string[] = [];
  private readonly changes = new EventEmitter();
  private closing: string | undefined;

  push(message: string): void {
    this.messages.push(message);
    this.changes.emit('change');
  }

  /** The connection is closed: `how` says what the client saw of it. */
  close(how: string): void {
    this.closing ??= how;
    this.changes.emit('change');
  }

  /** Resolves to the next messages. Rejects if the connection closes before, or they do not arrive in time. */
  async shift(count: number): Promise<string[]> {
    await this.until(() => this.messages.length >= count || this.closing !== undefined, `${count} messages`);
    if (this.messages.length < count) throw new Error(`closed: ${this.closing}; received ${this.shown()}`);
    return this.messages.splice(0, count);
  }

  /** Waits for the end of the connection: how it ended, and what came before. */
  async end(): Promise<{ readonly received: string[]; readonly closed: string }> {
    await this.until(() => this.closing !== undefined, 'the end of the connection');
    return { received: this.messages.splice(0), closed: this.closing ?? '' };
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!condition()) {
      await once(this.changes, 'change', { signal }).catch((error: unknown) => {
        throw new Error(`waited for ${what}; received ${this.shown()}`, { cause: error });
      });
    }
  }

  private shown(): string {
    return JSON.stringify(this.messages).slice(0, 500);
  }
}
