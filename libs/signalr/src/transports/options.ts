import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientConnection } from '../client-connection.js';
import type { RequestFacts } from './request-facts.js';
import { systemTimers } from '../timers.js';
import type { Timers } from './timers.js';
import { randomTokens, type TokenFactory } from './tokens.js';

export type TransportName = ClientConnection['transport'];

/** Where a client is sent by negotiate. */
export interface Redirect {
  readonly url: string;
  /** What it uses there as its bearer token. */
  readonly accessToken?: string;
}

/** Takes a request of a connection that is not known here to the node that owns it. Answers whether it did. */
export interface Elsewhere {
  request(request: IncomingMessage, response: ServerResponse, connectionToken: string): Promise<boolean>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, connectionToken: string): Promise<boolean>;
}

/** A connection as the transports hand it over. */
export interface AcceptedConnection extends ClientConnection {
  /** Gives up stateful reconnect, as when the handshake asks for version 1: from now on a lost socket is the end. */
  disableReconnect(): void;
  /** Takes nothing more from the client until `resume`; what has arrived already may still come. */
  pause(): void;
  resume(): void;
}

/** A WebSocket of `ws`, as far as its reading is concerned. The types of that library are nobody's but ours. */
export interface AcceptedWebSocket {
  readonly isPaused: boolean;
  readonly readyState: number;
  resume(): void;
  removeAllListeners(event: 'message'): unknown;
}

export interface EndpointOptions {
  /** Path of the hub, or several names of it; compared without regard to case. */
  readonly path: string | readonly string[];
  /** Takes each new connection, once its transport is up. It has to `listen` before it returns to miss nothing. */
  readonly accept: (connection: AcceptedConnection) => void;
  /** Who sends a request: asked for every request. Throws `AccessDenied` for 401 or 403. Default: everybody, as `undefined`. */
  readonly authenticate?: (facts: RequestFacts) => Promise<unknown>;
  /** Sends a client elsewhere instead of negotiating. */
  readonly redirect?: (facts: RequestFacts) => Promise<Redirect | undefined>;
  /**
   * Origins, besides the server's own, whose pages may come in. `'*'` is any; `'unchecked'` leaves it to whoever routes the requests, CORS headers
   * included. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | '*' | 'unchecked';
  /** In order of preference. Default: all three. */
  readonly transports?: readonly TransportName[];
  /** A client that asks for version 0 takes its connection id for the token: that id is a secret. Default: 0. */
  readonly minimumNegotiateVersion?: 0 | 1;
  /** Grants stateful reconnect to clients that ask for it. Default: no. */
  readonly statefulReconnect?: boolean;
  readonly tokens?: TokenFactory;
  readonly elsewhere?: Elsewhere;
  /** Told of what is no client's doing: a policy or a listener that throws. Default: a process warning. */
  readonly onFault?: (error: Error) => void;
  /** Told of the socket on which a client has come back with stateful reconnect. Default: nobody is. */
  readonly onReattached?: (carrier: Duplex) => void;
  /** How long a negotiated record, a poller between polls, or a client in stateful reconnect may be away. Default: 15,000. */
  readonly disconnectTimeoutMs?: number;
  /** How long a poll is held when there is nothing to say: less than the 60 s after which common proxies give up. Default: 50,000. */
  readonly pollTimeoutMs?: number;
  /** How long the other side may take to close. Default: 5,000. */
  readonly closeTimeoutMs?: number;
  /** How long a write may block. Default: 10,000. */
  readonly sendTimeoutMs?: number;
  /** Longest WebSocket frame and POST body. Default: 1 MiB. */
  readonly maxInboundBytes?: number;
  /** Most bytes waiting for one client, who is let go beyond it. One write may be longer. Default: 4 MiB. */
  readonly maxBufferedBytes?: number;
  /** Most connections at once; beyond it 503. Default: 100,000. */
  readonly maxConnections?: number;
  /** Most negotiations that no transport has picked up; beyond it the oldest is dropped. Default: 50,000. */
  readonly maxNegotiated?: number;
  readonly timers?: Timers;
  /** Told of each WebSocket and the socket below before anything is read from it, to bound how much that is. Default: nothing is done. */
  readonly onWebSocket?: (webSocket: AcceptedWebSocket, carrier: Duplex) => void;
}

type Optional = 'redirect' | 'elsewhere';

/** Options with all defaults filled in. */
export type Settings = Required<Omit<EndpointOptions, Optional>> & Pick<EndpointOptions, Optional>;

const mebibyte = 1024 * 1024;

const defaults = {
  authenticate: async () => undefined,
  allowedOrigins: [],
  transports: ['WebSockets', 'ServerSentEvents', 'LongPolling'],
  minimumNegotiateVersion: 0,
  statefulReconnect: false,
  tokens: randomTokens,
  onFault: (error: Error) => process.emitWarning(error),
  onReattached: () => undefined,
  disconnectTimeoutMs: 15_000,
  pollTimeoutMs: 50_000,
  closeTimeoutMs: 5_000,
  sendTimeoutMs: 10_000,
  maxInboundBytes: mebibyte,
  maxBufferedBytes: 4 * mebibyte,
  maxConnections: 100_000,
  maxNegotiated: 50_000,
  timers: systemTimers,
  onWebSocket: () => {},
} as const satisfies Partial<Settings>;

/** A fault handler that fails itself must not end the process. */
function safely(onFault: Settings['onFault']): Settings['onFault'] {
  return (error) => {
    try {
      onFault(error);
    } catch (failure) {
      process.emitWarning(failure instanceof Error ? failure : String(failure));
    }
  };
}

export function settle(options: EndpointOptions): Settings {
  return { ...defaults, ...options, onFault: safely(options.onFault ?? defaults.onFault) };
}
