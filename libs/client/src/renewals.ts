import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import { Gate } from './gate.js';
import type { Observers } from './observers.js';
import type { Reconnector } from './reconnect.js';
import type { Link } from './transports/transport.js';

/** How many are subscribed again at a time after a reconnect: the hub refuses a connection's 257th command without a reply. */
const AT_A_TIME = 64;

/** Subscribes again on the link what is due there, within the gate. Each resolves to whether nothing is left to do for it. */
export type RenewAll = (link: Link, gate: Gate) => readonly Promise<boolean>[];

/** Subscribing again on a new link: in rounds, with back-off, until nothing is left to do. */
export class Renewals {
  private cancelRetry: () => void = () => undefined;

  constructor(
    private readonly reconnector: Reconnector,
    private readonly observers: Observers,
    private readonly settings: Settings,
    private readonly renewAll: RenewAll,
  ) {}

  start(link: Link, attempt = 1): void {
    this.cancel();
    this.observers.background(this.round(link, attempt), {});
  }

  cancel(): void {
    this.cancelRetry();
  }

  private async round(link: Link, attempt: number): Promise<void> {
    const done = await Promise.all(this.renewAll(link, new Gate(AT_A_TIME)));
    if (done.every(Boolean) || !this.reconnector.isCurrent(link)) return;
    this.cancel(); // of another round that found something left to do
    this.cancelRetry = this.settings.clock.after(backoffMs(attempt, this.settings), () =>
      this.start(link, attempt + 1),
    );
  }
}
