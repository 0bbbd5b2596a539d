import { HubError, isErrorCode, type Presence } from '@ringback/contract';
import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import type { LinkDelivery } from './delivery.js';
import { LinkWaiters } from './link-waiters.js';
import type { ClosedReason, Status } from './status.js';
import type { Link, LinkListener } from './transports/transport.js';

/** Told in the order in which things happen; nothing follows the status `closed`. */
export interface ReconnectListener {
  onStatus(status: Status): void;
  /** A new link: nothing is subscribed on it yet. */
  onLink(link: Link): void;
  onLost(): void;
  onDelivery(delivery: LinkDelivery): void;
  onEnded(eventguid: string): void;
  onPresence(eventguid: string, presence: Presence): void;
  onError(error: HubError): void;
}

/** Keeps one link to the hub open: opens the next one when the last is lost, until it is told, or tells itself, to stop. */
export class Reconnector {
  private link: Link | undefined;
  private openedAt: number | undefined;
  private attempt = 0;
  private started = false;
  private reason: ClosedReason | undefined;
  private lastLoss: ClosedReason | undefined;
  private cancelDelay: () => void = () => undefined;
  private readonly waiters: LinkWaiters;

  constructor(
    private readonly settings: Settings,
    private readonly listener: ReconnectListener,
  ) {
    this.waiters = new LinkWaiters(settings.clock);
  }

  get closed(): boolean {
    return this.reason !== undefined;
  }

  start(): void {
    if (this.started || this.reason) return;
    this.started = true;
    this.listener.onStatus({ state: 'connecting' });
    this.open();
  }

  /** The open link, or the next one. Rejects with `timeout`, or with why the client is closed. */
  current(timeoutMs: number): Promise<Link> {
    if (this.reason) return Promise.reject(errorOf(this.reason));
    if (this.link && this.openedAt !== undefined) return Promise.resolve(this.link);
    return this.waiters.wait(timeoutMs, () =>
      `There is no connection to the hub. ${this.lastLoss?.message ?? ''}`.trim(),
    );
  }

  /** The link on which commands may be sent now. */
  get present(): Link | undefined {
    return this.openedAt === undefined ? undefined : this.link;
  }

  /** Whether commands may be sent on this link now. */
  isCurrent(link: Link): boolean {
    return this.link === link && this.openedAt !== undefined;
  }

  /** Gives the link up for a new one, if it is the present one. What was on its way over it is not heard any more. */
  reopen(link: Link | undefined, reason: ClosedReason): void {
    if (!link || !this.isCurrent(link)) return;
    link.close();
    this.lost(reason);
  }

  close(reason: ClosedReason): void {
    if (this.reason) return;
    this.reason = reason;
    this.cancelDelay();
    const { link } = this;
    this.link = undefined;
    link?.close();
    this.listener.onLost();
    this.waiters.rejectAll(errorOf(reason));
    this.listener.onStatus({ state: 'closed', reason });
  }

  private open(): void {
    this.openedAt = undefined;
    const link = this.settings.transport.open(
      this.heard(() => link),
      this.settings.timeoutMs,
    );
    this.link = link;
  }

  /** What one link says is heard only while it is the one: a transport that is slow to fall silent does no harm. */
  private heard(link: () => Link): LinkListener {
    const whileCurrent =
      <Args extends unknown[]>(task: (...args: Args) => void) =>
      (...args: Args): void => {
        if (this.link === link()) task(...args);
      };
    return {
      onOpen: whileCurrent(() => this.opened(link())),
      onDelivery: whileCurrent((delivery) => this.listener.onDelivery(delivery)),
      onEnded: whileCurrent((eventguid) => this.listener.onEnded(eventguid)),
      onPresence: whileCurrent((eventguid, presence) => this.listener.onPresence(eventguid, presence)),
      onError: whileCurrent((error) => this.listener.onError(error)),
      onClosed: whileCurrent((reason) => this.lost(reason)),
    };
  }

  private opened(link: Link): void {
    this.openedAt = this.settings.clock.now();
    this.listener.onStatus({ state: 'connected' });
    if (!this.isCurrent(link)) return; // whoever heard the status may have closed the client
    this.listener.onLink(link);
    this.waiters.resolveAll(link);
  }

  private lost(reason: ClosedReason): void {
    if (reason.final) {
      this.close(reason);
      return;
    }
    this.link = undefined;
    this.lastLoss = reason;
    this.listener.onLost();
    const { clock, maxDelayMs } = this.settings;
    // A hub that accepts and closes at once must not be asked at the shortest delay for ever.
    if (this.openedAt !== undefined && clock.now() - this.openedAt >= maxDelayMs) this.attempt = 0;
    this.attempt++;
    const delayMs = backoffMs(this.attempt, this.settings);
    this.cancelDelay = clock.after(delayMs, () => this.open());
    this.listener.onStatus({ state: 'reconnecting', attempt: this.attempt, delayMs, reason });
  }
}

function errorOf(reason: ClosedReason): HubError {
  return new HubError(isErrorCode(reason.name) ? reason.name : 'closed', reason.message);
}
