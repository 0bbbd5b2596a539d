import type { HubError, Labels, Presence, SubscribeReply, TriggerReply } from '@ringback/contract';
import type { LinkDelivery } from '../delivery.js';
import type { ClosedReason } from '../status.js';

export interface SubscribeCommand {
  readonly eventguid: string;
  readonly cookie: string;
  /** Continue after this position. */
  readonly after?: string;
  /** Take part in presence. */
  readonly presence?: true;
}

export interface TriggerCommand extends Labels {
  readonly eventguid: string;
  /** Text, bytes, or anything that JSON can say. */
  readonly data: unknown;
  readonly removeAfterSend: boolean;
  readonly key: string;
  /** Answer with the receipt, once every node has reported or the time is over. */
  readonly wait?: 'delivered';
  readonly timeoutMs?: number;
}

/** Called in the order in which things happen on the wire. */
export interface LinkListener {
  /** Commands may be sent from now on. At most once. */
  onOpen(): void;
  onDelivery(delivery: LinkDelivery): void;
  /** The hub has ended the subscription otherwise than by a delivery. */
  onEnded(eventguid: string): void;
  /** Who takes part in an event that was subscribed to with `presence`. */
  onPresence(eventguid: string, presence: Presence): void;
  /** The hub complained about something that nobody waits for, or sent what cannot be read. */
  onError(error: HubError): void;
  /** The link is gone, or could not be opened. Exactly once, unless `close` was called; nothing follows it. */
  onClosed(reason: ClosedReason): void;
}

/**
 * One connection to the hub; never reopened. Commands reject with the `HubError` that the hub answered, with `timeout` when no reply came in
 * time, with `closed` when the link went before the reply. One that is longer than the hub takes would cost the link: it is not sent and rejects
 * with `cookie-too-large` or `data-too-large`. They are sent in the order of the calls.
 */
export interface Link {
  subscribe(command: SubscribeCommand, timeoutMs: number): Promise<SubscribeReply>;
  unsubscribe(eventguid: string, timeoutMs: number): Promise<void>;
  trigger(command: TriggerCommand, timeoutMs: number): Promise<TriggerReply>;
  /** Everything of the event up to the position (`epoch:offset`) has been processed. Of durable subscribers only. */
  acknowledge(eventguid: string, position: string, timeoutMs: number): Promise<void>;
  /** Closes it, open or not. The listener hears nothing more; commands without a reply reject with `closed`. */
  close(): void;
}

/** Opens links. Reconnecting, subscribing again and everything else that outlives a link is the client's. */
export interface Transport {
  /** Returns at once; the listener hears what comes of it within `timeoutMs`, never before this has returned. */
  open(listener: LinkListener, timeoutMs: number): Link;
}
