import type { Data, Envelope, Labels } from '@ringback/contract';

/** An envelope of a remote hub on its way in. */
export interface RemoteDelivery {
  readonly eventguid: string;
  readonly data: Data;
  /** `origin` is always there: where it was first triggered, as far as the remote hub tells. */
  readonly labels: Labels & { readonly origin: string };
  readonly removeAfterSend: boolean;
}

/** What a bridge is told by its remote hub. */
export interface RemoteHubListener {
  /** Whether deliveries of the event are to be carried. A remote hub may send what nobody has subscribed to, or what an earlier configuration had. */
  carries(eventguid: string): boolean;
  /** Resolves once the local hub has it, or never will; only then is it acknowledged, where the remote hub knows that. */
  onDelivery(delivery: RemoteDelivery): Promise<void>;
  onState(connected: boolean): void;
}

/** What became of an envelope that was to go out. */
export type Sent = 'accepted' | 'loop' | 'rate_limited';

/** The other end of a bridge. */
export interface RemoteHub {
  readonly connected: boolean;
  /** Begins to connect, and comes back for ever. Returns at once. */
  start(): void;
  /** Once it resolves, nothing more is delivered. */
  close(): Promise<void>;
  /** Subscribes there, now or as soon as it is connected. */
  subscribe(eventguid: string): void;
  unsubscribe(eventguid: string): void;
  /** Connects anew if another cluster than before is there by now. Rejects if it does not say. */
  verify(): Promise<void>;
  /** Triggers it there: `loop` if it comes from there, `rate_limited` if it looks like one. Rejects with a coded error; with `closed`, whether it was taken is not known. */
  trigger(envelope: Envelope, origin: string): Promise<Sent>;
}
