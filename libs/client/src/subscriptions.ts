import { HubError, parsePosition, type Presence } from '@ringback/contract';
import type { Settings } from './client-options.js';
import type { Commands } from './commands.js';
import type { LinkDelivery } from './delivery.js';
import type { Gate } from './gate.js';
import { DirectHandover, type Handover } from './handover.js';
import { Inboxes } from './inboxes.js';
import type { Observers } from './observers.js';
import type { Reconnector } from './reconnect.js';
import { Removals } from './removals.js';
import { Renewals } from './renewals.js';
import { REOPEN_REASONS } from './reopen-reasons.js';
import { Storing } from './storing.js';
import { ActiveSubscription, type Subscription, type SubscriptionState, type Wish } from './subscription.js';
import type { Link } from './transports/transport.js';
import { Turns } from './turns.js';

/** All events that this client is subscribed to, and their way from one link to the next. */
export class Subscriptions {
  private readonly byEvent = new Map<string, ActiveSubscription>();
  private readonly turns = new Turns();
  private readonly removals: Removals;
  private readonly renewals: Renewals;
  private readonly handover: Handover;
  private readonly storing: Storing;
  /** Events of the session of which this link has delivered what no subscription expected. */
  private readonly skipped = new Set<string>();

  constructor(
    private readonly reconnector: Reconnector,
    private readonly commands: Commands,
    private readonly observers: Observers,
    private readonly settings: Settings,
  ) {
    const removals = new Removals(commands, settings.keeper);
    const handover = this.makeHandover();
    this.removals = removals;
    this.handover = handover;
    this.storing = new Storing({ reconnector, commands, removals, handover, observers, settings });
    this.renewals = new Renewals(reconnector, observers, settings, (link, gate) => this.renewAll(link, gate));
  }

  subscribe(eventguid: string, wish: Wish, after: string | undefined): Promise<Subscription> {
    return this.turn(eventguid, async () => {
      await this.settleRemoval(eventguid);
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
      if (!subscription) this.endStored(eventguid);
      else if (subscription === (only ?? subscription)) this.end(subscription, 'unsubscribed');
      await this.settleRemoval(eventguid);
    });
  }

  deliver(delivery: LinkDelivery): void {
    const { eventguid } = delivery;
    const subscription = this.byEvent.get(eventguid);
    const position = parsePosition(delivery.position);
    if (!subscription && this.settings.keeper === 'session') this.skipped.add(eventguid);
    if (!subscription?.expects(position)) return;
    if (!this.handover.hasRoom(eventguid)) return this.overrun(eventguid);
    const { last: after } = subscription;
    subscription.received(position, delivery.ended === true);
    if (delivery.recovered === false) this.observers.lost(subscription, after, delivery.position);
    this.handover.take(subscription, delivery);
  }

  /** The hub has ended it without a delivery that says so. While a command is on its way, its reply decides. */
  removed(eventguid: string): void {
    const subscription = this.byEvent.get(eventguid);
    if (!subscription || this.turns.busy(eventguid)) return;
    this.observers.lost(subscription, subscription.last, subscription.position);
    this.forget(subscription, 'removed');
  }

  present(eventguid: string, change: Presence): void {
    const subscription = this.byEvent.get(eventguid);
    const members = subscription?.presence?.take(change);
    const handler = subscription?.wish.onPresence;
    if (members && handler && !subscription.silent) {
      this.observers.presence(() => handler(members, change), eventguid);
    }
  }

  /** Subscribes again, on a new link, what the last one held. */
  renew(link: Link): void {
    this.handover.linked();
    this.renewals.start(link);
  }

  lost(): void {
    this.renewals.cancel();
    this.removals.lost();
    this.handover.lost();
    this.skipped.clear();
    for (const subscription of this.byEvent.values()) {
      if (subscription.awaitsLast) this.linkLost(subscription);
    }
  }

  close(): void {
    for (const subscription of this.byEvent.values()) this.forget(subscription, 'closed');
    this.handover.close();
  }

  private makeHandover(): Handover {
    const { reconnector, commands, observers, settings } = this;
    const onHanding = (subscription: ActiveSubscription, { position, ended }: LinkDelivery): void =>
      this.handing(subscription, position, ended === true);
    if (settings.keeper === 'connection') return new DirectHandover(observers, onHanding);
    return new Inboxes({
      reconnector,
      commands,
      observers,
      settings,
      onHanding,
      mayTell: (eventguid, link) => this.mayTell(eventguid, link),
      onRoom: () => reconnector.present && this.renewals.start(reconnector.present),
    });
  }

  private async create(eventguid: string, wish: Wish, after: string | undefined): Promise<Subscription> {
    this.assertNothingSkipped(eventguid);
    const known = this.handover.known(eventguid);
    const beginning = {
      keeper: this.settings.keeper,
      ...(after !== undefined && { after: parsePosition(after) }),
      ...(known && { known }),
    };
    const subscription = new ActiveSubscription(eventguid, wish, beginning, (it) =>
      this.unsubscribe(eventguid, it),
    );
    this.byEvent.set(eventguid, subscription); // before the reply: deliveries may come first
    try {
      await this.storing.untilAnswered(subscription);
    } catch (error) {
      if (HubError.from(error).temporary) this.takeBack(subscription);
      else this.forget(subscription, 'refused');
      throw error;
    }
    return subscription;
  }

  private async change(subscription: ActiveSubscription, wish: Wish): Promise<Subscription> {
    if (wish.onPresence && !subscription.presence) {
      throw new HubError('bad-request', 'The subscription was made without presence: unsubscribe first.');
    }
    const previous = subscription.wish;
    subscription.wish = wish;
    try {
      await this.storing.untilAnswered(subscription);
    } catch (error) {
      subscription.wish = previous;
      throw error;
    }
    return subscription;
  }

  /** It is over for the program at once; the hub has still to be told. */
  private end(subscription: ActiveSubscription, state: 'unsubscribed' | 'refused'): void {
    this.forget(subscription, state);
    if (subscription.askedOn) this.removals.owe(subscription.eventguid, subscription.askedOn);
  }

  /** What a session holds of the event though no subscription of this process does. */
  private endStored(eventguid: string): void {
    this.handover.drop(eventguid);
    this.removals.owe(eventguid, undefined);
  }

  /** The hub may have stored what its caller was told has failed. What a session holds is not this call's alone, and stays. */
  private takeBack(subscription: ActiveSubscription): void {
    const { eventguid } = subscription;
    if (this.settings.keeper === 'session') return this.forget(subscription, 'refused');
    this.end(subscription, 'refused');
    const settled = this.turn(eventguid, () => this.settleRemoval(eventguid));
    this.observers.background(settled, { eventguid });
  }

  private async settleRemoval(eventguid: string): Promise<void> {
    // All that was delivered before comes before the reply.
    if (await this.removals.settle(eventguid)) this.skipped.delete(eventguid);
  }

  /** What this link has delivered to nobody, it does not deliver again; to acknowledge what comes later would lose it. */
  private assertNothingSkipped(eventguid: string): void {
    if (!this.skipped.has(eventguid)) return;
    this.reconnector.reopen(this.reconnector.present, REOPEN_REASONS.skipped);
  }

  private overrun(eventguid: string): void {
    this.handover.overrun(eventguid);
    this.reconnector.reopen(this.reconnector.present, REOPEN_REASONS.slowConsumer);
  }

  private handing(subscription: ActiveSubscription, position: string, ended: boolean): void {
    if (!ended) return;
    subscription.endHanded(parsePosition(position));
    // While a command is on its way, its reply decides which subscription the delivery ended.
    if (!this.turns.busy(subscription.eventguid)) this.live(subscription.eventguid);
  }

  private renewAll(link: Link, gate: Gate): Promise<boolean>[] {
    return [...this.byEvent.values()].map((subscription) =>
      this.turn(subscription.eventguid, () => gate.run(() => this.renewOne(link, subscription))),
    );
  }

  /** Resolves to whether nothing is left to do for it on this link. */
  private async renewOne(link: Link, subscription: ActiveSubscription): Promise<boolean> {
    const { eventguid } = subscription;
    try {
      await this.settleRemoval(eventguid); // which may bring a last delivery along
      if (this.isDue(link, subscription)) await this.storing.on(link, subscription, this.settings.timeoutMs);
      return true;
    } catch (error) {
      if (HubError.from(error).temporary) return false;
      this.forget(subscription, 'refused');
      this.observers.error(error, { eventguid });
      return true;
    }
  }

  private isDue(link: Link, subscription: ActiveSubscription): boolean {
    const isLive = this.live(subscription.eventguid) === subscription && !subscription.cut;
    const hasRoom = this.handover.hasRoom(subscription.eventguid);
    return isLive && hasRoom && subscription.link !== link && this.reconnector.isCurrent(link);
  }

  /** An event that waits to be resumed on the link cannot be acknowledged there. */
  private mayTell(eventguid: string, link: Link): boolean {
    const subscription = this.byEvent.get(eventguid);
    return !subscription || subscription.cut || subscription.link === link;
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
    if (!subscription?.finished) return subscription;
    this.forget(subscription, 'ended');
    return undefined;
  }

  /** The reply said that it is over, and what was under way is lost: a session says it again, nobody else does. */
  private linkLost(subscription: ActiveSubscription): void {
    const { eventguid, last, position } = subscription;
    if (this.settings.keeper === 'session' || this.turns.busy(eventguid)) return subscription.askAgain();
    this.observers.lost(subscription, last, position);
    this.forget(subscription, 'ended');
  }

  private forget(subscription: ActiveSubscription, state: Exclude<SubscriptionState, 'active'>): void {
    const { eventguid } = subscription;
    subscription.finish(state);
    if (this.byEvent.get(eventguid) === subscription) this.byEvent.delete(eventguid);
    if (state === 'ended') this.handover.stored(eventguid);
    else this.handover.drop(eventguid);
  }
}
