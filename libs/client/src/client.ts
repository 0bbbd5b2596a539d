import { HubError, parseEventGuid, parseOptions, parsePosition, type Receipt } from '@ringback/contract';
import { completeOptions, type ClientOptions, type Settings } from './client-options.js';
import { Commands } from './commands.js';
import type { DeliveryHandler } from './delivery.js';
import { endsSubscription } from './ends-subscription.js';
import { Observers } from './observers.js';
import type { PresenceHandler } from './presence-list.js';
import { Reconnector } from './reconnect.js';
import { StatusFeed, type ClosedReason, type Status } from './status.js';
import type { Subscription } from './subscription.js';
import { Subscriptions } from './subscriptions.js';
import { parseTriggering, type TriggerOptions } from './trigger-options.js';

/** What may be said about a subscription. */
export interface SubscribeOptions {
  /**
   * Continue after this position (`epoch:offset`) of an earlier subscription: what was missed is delivered first, or `onGap` is called.
   * Not read if this client is subscribed to the event already.
   */
  readonly after?: string;
  /**
   * Take part in presence: be seen by others who do, and see them. Decided when the subscription is made; subscribing again replaces the function. Not for
   * clients with a `subscriberId`.
   */
  readonly onPresence?: PresenceHandler;
}

/** What the hub answers to an accepted trigger. */
export interface TriggerResult {
  /** `epoch:offset` */
  readonly position: string;
  /** Subscriptions stored at that moment, on all nodes. */
  readonly subscribers: number;
  /** What became of it on all nodes, where `wait` was asked for. */
  readonly receipt?: Receipt;
}

const CLOSED_BY_CLIENT: ClosedReason = { name: 'client', message: 'The client was closed.', final: true };

/** A program's connection to the hub: comes back by itself, with its subscriptions, until it is closed. */
export class RingbackClient {
  private readonly settings: Settings;
  private readonly feed = new StatusFeed();
  private readonly reconnector: Reconnector;
  private readonly commands: Commands;
  private readonly subscriptions: Subscriptions;

  constructor(options: ClientOptions) {
    this.settings = completeOptions(options);
    const observers = new Observers(options);
    this.reconnector = new Reconnector(this.settings, {
      onStatus: (status) => this.statusChanged(status, observers),
      onLink: (link) => this.subscriptions.renew(link),
      onLost: () => this.subscriptions.lost(),
      onDelivery: (delivery) => this.subscriptions.deliver(delivery),
      onEnded: (eventguid) => this.subscriptions.removed(eventguid),
      onPresence: (eventguid, presence) => this.subscriptions.present(eventguid, presence),
      onError: (error) => observers.error(error),
    });
    this.commands = new Commands(this.reconnector, this.settings);
    this.subscriptions = new Subscriptions(this.reconnector, this.commands, observers, this.settings);
  }

  /**
   * Resolves once commands can be sent. While the hub cannot be reached it goes on trying; rejects with `timeout` after `timeoutMs`, or with why the
   * hub does not want this client (`unauthorized` …). When it rejects, the client is closed.
   */
  async connect(): Promise<void> {
    this.reconnector.start();
    try {
      await this.reconnector.current(this.settings.timeoutMs);
    } catch (error) {
      const { code, message } = HubError.from(error);
      this.reconnector.close({ name: code, message, final: true });
      throw error;
    }
  }

  /**
   * Resolves once the hub has stored the subscription; deliveries may come before. Waits for a connection. One cookie per eventguid: subscribing
   * again replaces cookie and handler, from the call on, and resolves to the same subscription. Commands for one event are carried out in the order of the calls.
   */
  async subscribe(
    eventguid: string,
    cookie: string,
    handler: DeliveryHandler,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    parseEventGuid(eventguid);
    assertWish(cookie, handler);
    parseOptions(options, ['after', 'onPresence']);
    const { after, onPresence } = options;
    if (after !== undefined) parsePosition(after);
    if (onPresence !== undefined) this.assertPresence(onPresence);
    return this.subscriptions.subscribe(
      eventguid,
      { cookie, handler, ...(onPresence && { onPresence }) },
      after,
    );
  }

  /**
   * Ends the subscription, if there is one: its handler is not called again, and once this resolves the hub keeps nothing of it. When it rejects, the
   * hub may still hold it; repeating asks again.
   */
  unsubscribe(eventguid: string): Promise<void> {
    return this.subscriptions.unsubscribe(eventguid);
  }

  /**
   * Triggers an event. Data may be text, bytes, or anything that JSON can say; do not change it before this settles. Resolves once the hub has
   * accepted it. What is longer than the hub takes is refused with `data-too-large`. After `relay-unavailable`, `closed` or `timeout` its fate is not known: repeating it with the same key notifies once.
   */
  async trigger(eventguid: string, data?: unknown, options: TriggerOptions = {}): Promise<TriggerResult> {
    const { command, retryForMs, waitMs } = parseTriggering(eventguid, data, options);
    const { position, subscribers, receipt } = await this.commands.sendRepeatedly(
      (link, timeoutMs) => link.trigger(command, timeoutMs + waitMs),
      retryForMs,
    );
    return { position, subscribers, ...(receipt && { receipt }) };
  }

  /** The present status, then every change, until `closed`. Each call is a reader of its own. */
  status(): AsyncIterable<Status> {
    return this.feed.changes();
  }

  /** Closes at once and for good. Commands without a reply reject with `closed`; the hub ends the subscriptions. */
  close(): void {
    this.reconnector.close(CLOSED_BY_CLIENT);
  }

  private assertPresence(onPresence: unknown): void {
    if (typeof onPresence !== 'function') throw new HubError('bad-request', 'onPresence is not a function.');
    if (this.settings.keeper === 'session') {
      throw new HubError('bad-request', 'A client with a subscriberId takes no part in presence.');
    }
  }

  private statusChanged(status: Status, observers: Observers): void {
    if (status.state === 'closed') {
      this.commands.close();
      this.subscriptions.close();
    }
    this.feed.publish(status);
    observers.status(status);
  }
}

/** Throws `bad-request` for what the hub would take for something else, or nobody could hear. */
function assertWish(cookie: unknown, handler: unknown): void {
  if (typeof cookie !== 'string') throw new HubError('bad-request', 'The cookie is not text.');
  if (endsSubscription(cookie)) {
    throw new HubError(
      'bad-request',
      'A blank cookie or endsubscription would unsubscribe; use unsubscribe.',
    );
  }
  if (typeof handler !== 'function') throw new HubError('bad-request', 'The handler is not a function.');
}

/** A connected client. Rejects as `RingbackClient.connect` does. */
export async function connect(options: ClientOptions): Promise<RingbackClient> {
  const client = new RingbackClient(options);
  await client.connect();
  return client;
}
