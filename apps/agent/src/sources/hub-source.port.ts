import type { HubConfig } from '../configuration/hub-config.js';

/** One delivery of a hub. */
export interface SourceDelivery {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
  readonly encoding?: 'base64';
  /** `epoch:offset`; absent where the hub has none, and then deliveries are not repeated. */
  readonly position?: string;
  /** Where there is no position: of the ticket, the same however often it is tried to store it. */
  readonly ticketId?: string;
  /** Whether the subscription has ended with it. */
  readonly ended: boolean;
}

export interface SourceListener {
  /** When it resolves, the delivery is in good hands; when it rejects, it comes again if the hub can do that. One after the other per event. */
  deliver(delivery: SourceDelivery): Promise<void>;
  /** Connected to the hub, or not any more. */
  connection(isConnected: boolean): void;
  /** The source has given up for good; close it and open another one. */
  ended(reason: string): void;
}

/** A connection to one hub that comes back by itself as long as that makes sense. */
export interface HubSource {
  /** Rejects with the error of the hub. Where the hub does not answer such calls, resolves once it is asked. */
  subscribe(eventguid: string, cookie: string): Promise<void>;
  /** What the hub kept for it is gone, too. */
  unsubscribe(eventguid: string): Promise<void>;
  /** Nothing is delivered once it has resolved; what is under way has ended. */
  close(): Promise<void>;
}

/** Resolves once subscriptions can be made. Rejects if the hub cannot be reached, or does not want this agent. */
export type OpenSource = (hub: HubConfig, listener: SourceListener) => Promise<HubSource>;
