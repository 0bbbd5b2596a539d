import type { HubError, Labels, SubscribeReply, TriggerReply } from '@ringback/contract';
import type { Delivery } from '../delivery.js';
import type { ClosedReason } from '../status.js';

export interface SubscribeCommand {
  readonly eventguid: string;
  readonly cookie: string;
  /** Continue after this position. */
  readonly after?: string;
}

export interface TriggerCommand extends Labels {
  readonly eventguid: string;
  /** Text, bytes, or anything that JSON can say. */
  readonly data: unknown;
  readonly removeAfterSend: boolean;
  readonly key: string;
}

/** Called in the order in which things happen on the wire. */
export interface LinkListener {
  /** Commands may be sent from now on. At most once. */
  onOpen(): void;
  onDelivery(delivery: Delivery): void;
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
  /** Closes it, open or not. The listener hears nothing more; commands without a reply reject with `closed`. */
  close(): void;
}

/** Opens links. Reconnecting, subscribing again and everything else that outlives a link is the client's. */
export interface Transport {
  /** Returns at once; the listener hears what comes of it within `timeoutMs`, never before this has returned. */
  open(listener: LinkListener, timeoutMs: number): Link;
}
