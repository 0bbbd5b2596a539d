import { HubError, formatPosition, parsePosition, type Position } from '@ringback/contract';
import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import type { Commands } from './commands.js';
import type { Delivery } from './delivery.js';
import { Gate } from './gate.js';
import type { Observers } from './observers.js';
import type { Reconnector } from './reconnect.js';
import { Removals } from './removals.js';
import { ActiveSubscription, type Subscription, type SubscriptionState, type Wish } from './subscription.js';
import type { Link } from './transports/transport.js';
import { Turns } from './turns.js';

/** How many are subscribed again at a time after a reconnect: the hub refuses a connection's 257th command without a reply. */
const AT_A_TIME = 64;

/** All events that this client is subscribed to, and their way from one link to the next. */
export class Subscriptions {
  private readonly byEvent = new Map<string, ActiveSubscription>();
  private readonly turns = new Turns();
  private readonly removals: Removals;
  private cancelRetry: () => void = () => undefined;

  constructor(
    private readonly reconnector: Reconnector,
    private readonly commands: Commands,
    private readonly observers: Observers,
    private readonly settings: Settings,
  ) {
    this.removals = new Removals(commands);
  }

  subscribe(eventguid: string, wish: Wish, after: string | undefined): Promise<Subscription> {
    return this.turn(eventguid, async () => {
      await this.removals.settle(eventguid);
      const known = this.live(eventguid);
      return known ? this.change(known, wish) : this.create(eventguid, wish, after);
    });
  }

  /** Ends the subscription of the event; with `only`, no other than that one. */
  unsubscribe(eventguid: string, only?: ActiveSubscription): Promise<void> {
    const held = this.byEvent.get(eventguid);
    // At once: a command that is on its way may take seconds to let this one have its turn.
    if (held && held === (only ?? held)) held.silent = true;
    return this.turn(eventguid, async () => {
      const subscription = this.live(eventguid);
      if (subscription && subscription === (only ?? subscription)) this.end(subscription, 'unsubscribed');
      await this.removals.settle(eventguid);
    });
  }

  deliver(delivery: Delivery): void {
    const subscription = this.byEvent.get(delivery.eventguid);
    const position = parsePosition(delivery.position);
    if (!subscription?.expects(position)) return;
    const { last: after, wish } = subscription;
    subscription.delivered(position, delivery.ended === true);
    // While a command is on its way, its reply decides which subscription the delivery ended.
    if (!this.turns.busy(delivery.eventguid)) this.live(delivery.eventguid);
    if (subscription.silent) return;
    if (delivery.recovered === false) this.gap(subscription, after, delivery.position);
    this.observers.delivery(wish.handler, delivery);
  }

  /** Subscribes again, on a new link, what the last one held. */
  renew(link: Link): void {
    this.renewRound(link, 1);
  }

  lost(): void {
    this.cancelRetry();
    this.removals.lost();
    for (const subscription of this.byEvent.values()) {
      if (subscription.awaitsLast && !this.turns.busy(subscription.eventguid)) this.loseLast(subscription);
    }
  }

  close(): void {
    for (const subscription of this.byEvent.values()) this.forget(subscription, 'closed');
  }

  private async create(eventguid: string, wish: Wish, after: string | undefined): Promise<Subscription> {
    const subscription = new ActiveSubscription(eventguid, wish, after, (it) =>
      this.unsubscribe(eventguid, it),
    );
    this.byEvent.set(eventguid, subscription); // before the reply: deliveries may come first
    try {
      await this.storeUntilAnswered(subscription);
    } catch (error) {
      if (HubError.from(error).temporary) this.takeBack(subscription);
      else this.forget(subscription, 'refused');
      throw error;
    }
    return subscription;
  }

  private async change(subscription: ActiveSubscription, wish: Wish): Promise<Subscription> {
    const previous = subscription.wish;
    subscription.wish = wish;
    try {
      await this.storeUntilAnswered(subscription);
    } catch (error) {
      subscription.wish = previous;
      throw error;
    }
    return subscription;
  }

  private storeUntilAnswered(subscription: ActiveSubscription): Promise<void> {
    return this.commands.sendUntilAnswered((link, timeoutMs) => this.store(link, subscription, timeoutMs));
  }

  private async store(link: Link, subscription: ActiveSubscription, timeoutMs: number): Promise<void> {
    const { eventguid, cookie, last: asked } = subscription;
    // The link that holds it would take a position for a wish to go back.
    const after = subscription.link === link ? undefined : asked;
    subscription.askedOn = link;
    const position = after && { after: formatPosition(after) };
    const reply = await link
      .subscribe({ eventguid, cookie, ...position }, timeoutMs)
      .catch((error: unknown) => this.unanswered(link, subscription, error));
    subscription.stored(link, reply, asked);
    if (reply.recovered === false) this.gap(subscription, after, reply.position);
  }

  /** A hub that has stored it would not say again what it could recover: it is to forget it before it is asked again. */
  private unanswered(link: Link, subscription: ActiveSubscription, error: unknown): never {
    const isTimeout = HubError.from(error).code === 'timeout';
    if (isTimeout && subscription.link !== link) this.removals.owe(subscription.eventguid, link);
    throw error;
  }

  /** It is over for the program at once; the hub has still to be told. */
  private end(subscription: ActiveSubscription, state: 'unsubscribed' | 'refused'): void {
    this.forget(subscription, state);
    if (subscription.askedOn) this.removals.owe(subscription.eventguid, subscription.askedOn);
  }

  /** The hub may have stored what its caller was told has failed. */
  private takeBack(subscription: ActiveSubscription): void {
    const { eventguid } = subscription;
    this.end(subscription, 'refused');
    const settled = this.turn(eventguid, () => this.removals.settle(eventguid));
    this.observers.background(settled, { eventguid });
  }

  private renewRound(link: Link, attempt: number): void {
    const gate = new Gate(AT_A_TIME);
    const renewals = [...this.byEvent.values()].map((subscription) =>
      this.turn(subscription.eventguid, () => gate.run(() => this.renewOne(link, subscription))),
    );
    const round = Promise.all(renewals).then((done) => {
      if (done.every(Boolean) || !this.reconnector.isCurrent(link)) return;
      const delayMs = backoffMs(attempt, this.settings);
      this.cancelRetry = this.settings.clock.after(delayMs, () => this.renewRound(link, attempt + 1));
    });
    this.observers.background(round, {});
  }

  /** Resolves to whether nothing is left to do for it on this link. */
  private async renewOne(link: Link, subscription: ActiveSubscription): Promise<boolean> {
    const { eventguid } = subscription;
    try {
      await this.removals.settle(eventguid); // which may bring a last delivery along
      if (this.isDue(link, subscription)) await this.store(link, subscription, this.settings.timeoutMs);
      return true;
    } catch (error) {
      if (HubError.from(error).temporary) return false;
      this.forget(subscription, 'refused');
      this.observers.error(error, { eventguid });
      return true;
    }
  }

  private isDue(link: Link, subscription: ActiveSubscription): boolean {
    const isLive = this.live(subscription.eventguid) === subscription;
    return isLive && subscription.link !== link && this.reconnector.isCurrent(link);
  }

  private async turn<T>(eventguid: string, task: () => Promise<T>): Promise<T> {
    try {
      return await this.turns.run(eventguid, task);
    } finally {
      if (!this.turns.busy(eventguid)) this.live(eventguid);
    }
  }

  /** The subscription of an event unless it is over, in which case it is forgotten. */
  private live(eventguid: string): ActiveSubscription | undefined {
    const subscription = this.byEvent.get(eventguid);
    if (!subscription?.ended || subscription.awaitsLast) return subscription;
    this.forget(subscription, 'ended');
    return undefined;
  }

  /** It is over, and the hub stored nothing to come back to: what was under way is lost. */
  private loseLast(subscription: ActiveSubscription): void {
    this.forget(subscription, 'ended');
    this.gap(subscription, subscription.last, subscription.position);
  }

  private gap(
    { eventguid, silent }: ActiveSubscription,
    after: Position | undefined,
    position: string,
  ): void {
    if (silent) return;
    this.observers.gap({ eventguid, position, ...(after && { after: formatPosition(after) }) });
  }

  private forget(subscription: ActiveSubscription, state: Exclude<SubscriptionState, 'active'>): void {
    subscription.finish(state);
    if (this.byEvent.get(subscription.eventguid) === subscription)
      this.byEvent.delete(subscription.eventguid);
  }
}
