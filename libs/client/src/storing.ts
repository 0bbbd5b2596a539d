import { HubError, formatPosition } from '@ringback/contract';
import type { Settings } from './client-options.js';
import type { Commands } from './commands.js';
import type { Handover } from './handover.js';
import type { Observers } from './observers.js';
import type { Reconnector } from './reconnect.js';
import type { Removals } from './removals.js';
import { REOPEN_REASONS } from './reopen-reasons.js';
import type { ActiveSubscription } from './subscription.js';
import type { Link } from './transports/transport.js';

/** The parts of the client that are needed to have the hub store a subscription. */
export interface StoringParts {
  readonly reconnector: Reconnector;
  readonly commands: Commands;
  readonly removals: Removals;
  readonly handover: Handover;
  readonly observers: Observers;
  readonly settings: Settings;
}

/** The way of a subscription into the hub, on whichever link, and what its reply means for it. */
export class Storing {
  constructor(private readonly parts: StoringParts) {}

  /** Resolves once the hub holds it; on the next link, if one is lost before the reply. */
  untilAnswered(subscription: ActiveSubscription): Promise<void> {
    return this.parts.commands.sendUntilAnswered((link, timeoutMs) => this.on(link, subscription, timeoutMs));
  }

  /** Resolves once the hub holds it for this link. */
  async on(link: Link, subscription: ActiveSubscription, timeoutMs: number): Promise<void> {
    const { eventguid, cookie, presence } = subscription;
    const after = subscription.continuesAfter(link);
    subscription.askedOn = link;
    const options = {
      ...(after && { after: formatPosition(after) }),
      ...(presence && { presence: true as const }),
    };
    const reply = await link
      .subscribe({ eventguid, cookie, ...options }, timeoutMs)
      .catch((error: unknown) => this.unanswered(link, subscription, error));
    const start = subscription.stored(link, reply, after);
    if (reply.recovered === false) this.parts.observers.lost(subscription, after, formatPosition(start));
    this.parts.handover.stored(eventguid);
  }

  /**
   * A hub that has stored it would not say again what it recovers. Where it is the connection's, it is to forget it before it is asked again; where it
   * is a session's, that would lose what is kept: a new connection is told again.
   */
  private unanswered(link: Link, subscription: ActiveSubscription, error: unknown): never {
    const { reconnector, removals, settings } = this.parts;
    if (HubError.from(error).code === 'timeout' && subscription.link !== link) {
      if (settings.keeper === 'connection') removals.owe(subscription.eventguid, link);
      else reconnector.reopen(link, REOPEN_REASONS.unanswered);
    }
    throw error;
  }
}
