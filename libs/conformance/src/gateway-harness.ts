import type { Presence, Receipt } from '@ringback/contract';
import type { Hub } from '@ringback/core';

/** What a protocol offers beyond the least. A spec names what its protocol has; the suite leaves out the rest. */
export interface GatewayCapabilities {
  /** Replies to subscribe and trigger, and deliveries, carry positions. */
  readonly positions: boolean;
  /** Deliveries carry `type`, and `encoding` where the data are bytes. */
  readonly labels: boolean;
  /** `subscribe` takes `after`, and says `recovered` and `ended`. Needs positions. */
  readonly recovery: boolean;
  /** A client subscribes whenever it likes, over its one connection. Else a connection is made for what it subscribes to: it has one for each subscription, from then on. */
  readonly subscribesAnyTime: boolean;
  /** A client says a cookie when it subscribes; else it has a connection for each subscription, and tells them apart by that. */
  readonly cookies: boolean;
  /** Subscribing again on an open connection changes the cookie. */
  readonly changesCookie: boolean;
  /** A subscription ends without its connection. */
  readonly unsubscribes: boolean;
  /** A blank cookie and `endsubscription` unsubscribe. */
  readonly endsByCookie: boolean;
  /** Clients trigger over this protocol; else the harness triggers at the hub, and what goes wrong there is not looked at. */
  readonly triggers: boolean;
  /** `trigger` takes `key` and `type`. */
  readonly triggerOptions: boolean;
  /** What goes wrong reaches the client as `code`; else as any rejection. */
  readonly codes: boolean;
  /** A client connects as a named subscriber, and acknowledges. Needs positions. */
  readonly named: boolean;
  /** `trigger` takes `wait`, and is answered with a receipt. */
  readonly receipts: boolean;
  /** `subscribe` takes `presence`, and the client sees who comes and goes. */
  readonly presence: boolean;
  /** A client can send values of any JSON kind where text belongs. */
  readonly untyped: boolean;
}

/** One event as a client of the protocol saw it. */
export interface ClientDelivery {
  readonly eventguid: string;
  readonly cookie: string;
  /** As text; bytes as base64. */
  readonly data: string;
  readonly position?: string;
  readonly type?: string;
  readonly encoding?: string;
  readonly recovered?: boolean;
  readonly ended?: boolean;
}

/** What a client of the protocol saw of who takes part in an event. */
export interface ClientPresence {
  readonly eventguid: string;
  readonly presence: Presence;
}

/** As whom a client connects. */
export interface ClientIdentity {
  /** Makes it a named subscriber; what its session holds is replayed once it is connected. */
  readonly subscriberId?: string;
  /** Whose token it shows: `<name>`, or `<name>/<subscriberId>` for one that is bound to that subscriberId. */
  readonly token?: string;
}

/** How a client subscribes. */
export interface ClientSubscribeOptions {
  readonly after?: string;
  readonly presence?: boolean;
}

/** What a client was told about its subscription, as far as the protocol says it. */
export interface ClientSubscribed {
  readonly position?: string;
  readonly recovered?: boolean;
  readonly ended?: boolean;
}

/** What a client was told about its trigger, as far as the protocol says it. */
export interface ClientTriggered {
  readonly position?: string;
  readonly subscribers?: number;
  readonly receipt?: Receipt;
}

/** How a client triggers. */
export interface ClientTriggerOptions {
  readonly removeAfterSend?: boolean;
  readonly key?: string;
  readonly type?: string;
  readonly wait?: string;
  readonly timeoutMs?: number;
}

/**
 * A stock client of the protocol with one connection, or one for each subscription, see `subscribesAnyTime`. It never reconnects by itself. What the gateway refuses rejects with an
 * error that has the `code`, where the protocol tells it.
 */
export interface GatewayClient {
  /** Everything delivered up to now, in order of arrival. */
  readonly deliveries: readonly ClientDelivery[];
  /** Whether the connection has ended, whoever ended it. */
  readonly closed: boolean;
  /** Every word about presence up to now, in order of arrival; none where the protocol has no presence. */
  readonly presences: readonly ClientPresence[];
  /** The name of the reason that the hub gave before it closed the connection, where it did. */
  readonly closedFor: string | undefined;
  subscribe(eventguid: string, cookie: string, options?: ClientSubscribeOptions): Promise<ClientSubscribed>;
  unsubscribe(eventguid: string): Promise<void>;
  /** `data` is handed to the client as it is; `undefined` means that it is left out. */
  trigger(eventguid: string, data?: unknown, options?: ClientTriggerOptions): Promise<ClientTriggered>;
  /** The word that everything of the event up to the position has been processed. Absent where the protocol has no named subscribers. */
  acknowledge?(eventguid: string, position: string): Promise<void>;
  /** Ends the connection as a well-behaved client does. */
  close(): Promise<void>;
  /** Cuts the connection without a word, as a lost network does. */
  destroy(): void;
  /** Stops reading from the connection but keeps it open. Absent where the stock client cannot. */
  stall?(): void;
  /** Sends what the protocol does not know, on the same connection. Absent where the stock client cannot. */
  sendGarbage?(): void;
}

/** The gateway under test on one node, and where its clients connect. */
export interface GatewayServer {
  /** What the gateway refuses rejects as with commands. */
  connect(identity?: ClientIdentity): Promise<GatewayClient>;
  /** Closes the gateway, its HTTP server, and every client that is still there. */
  close(): Promise<void>;
}

/** What the spec of a gateway gives the suite. The suite makes the hubs, starts and drains them. */
export interface GatewayHarness {
  readonly capabilities: GatewayCapabilities;
  /** Serves the protocol for one node on a free port. Called once per node and test. */
  serve(hub: Hub): Promise<GatewayServer>;
}
