import { HubError } from '@ringback/contract';
import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import { Gate } from './gate.js';
import { Pauses } from './pauses.js';
import type { Reconnector } from './reconnect.js';
import type { Link } from './transports/transport.js';

/** Sends one command on a link and resolves to its reply. */
export type Command<T> = (link: Link, timeoutMs: number) => Promise<T>;

/** With the 64 that subscribing again may take: below the 256 of one connection that the hub lets wait for a reply. */
const COMMANDS = 128;

/** The way of commands to the hub: waits for a link, keeps to the hub's bound and to the time that the caller has. */
export class Commands {
  private readonly gate = new Gate(COMMANDS);
  private readonly pauses: Pauses;

  constructor(
    private readonly reconnector: Reconnector,
    private readonly settings: Settings,
  ) {
    this.pauses = new Pauses(settings.clock);
  }

  /** Sends it once. Rejects with `timeout` when `timeoutMs` are over, wherever they went. */
  send<T>(command: Command<T>, timeoutMs: number = this.settings.timeoutMs): Promise<T> {
    const until = this.settings.clock.now() + timeoutMs;
    return this.gate.run(async () => {
      const link = await this.reconnector.current(this.left(until));
      return command(link, this.left(until));
    });
  }

  /** Sends it once on this link. Rejects with `closed` if the link is not open any more. */
  sendOn<T>(link: Link, command: Command<T>): Promise<T> {
    return this.gate.run(() => command(link, this.settings.timeoutMs));
  }

  /** Sends it again on the next link if one is lost before the reply. For commands that may be carried out twice. */
  async sendUntilAnswered<T>(command: Command<T>): Promise<T> {
    const until = this.settings.clock.now() + this.settings.timeoutMs;
    for (;;) {
      try {
        return await this.send(command, this.left(until));
      } catch (error) {
        if (HubError.from(error).code !== 'closed' || this.reconnector.closed) throw error;
      }
    }
  }

  /** Sends it again, with back-off, as long as its error is temporary and the time is not over. */
  async sendRepeatedly<T>(command: Command<T>, forMs: number): Promise<T> {
    const { clock } = this.settings;
    const until = clock.now() + forMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.send(command);
      } catch (error) {
        const delayMs = backoffMs(attempt, this.settings);
        if (!HubError.from(error).temporary || this.reconnector.closed || clock.now() + delayMs >= until)
          throw error;
        await this.pauses.pause(delayMs);
      }
    }
  }

  /** Ends all pauses: what waited to be sent again hears that the client is closed. */
  close(): void {
    this.pauses.endAll();
  }

  private left(until: number): number {
    const leftMs = until - this.settings.clock.now();
    if (leftMs <= 0) throw new HubError('timeout');
    return leftMs;
  }
}
