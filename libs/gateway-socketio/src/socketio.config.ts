import type { Limits, Origins } from '@ringback/contract';
import type { ServerOptions } from 'socket.io';

/** Makes the cluster adapter of Socket.IO, through which operators find connections on other nodes. */
export type SocketIoAdapter = NonNullable<ServerOptions['adapter']>;

/** The options of the Socket.IO gateway. */
export interface SocketIoConfig {
  /** Path of the HTTP requests. Default `/socket.io`, which stock clients take. */
  readonly path?: string;
  /** Origins whose pages may connect, `*` for all; absent means none but our own. */
  readonly cors?: Origins;
  /** How often a connection is pinged. Default 25 s. */
  readonly pingIntervalMs?: number;
  /** How long a connection may take to answer a ping before it counts as dead. Default 20 s. */
  readonly pingTimeoutMs?: number;
  /** How long the change from long polling to WebSocket may take. Default 10 s. */
  readonly upgradeTimeoutMs?: number;
  /** How long a client may take from the transport's beginning to its admission. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Default: the one in memory, for a single node. */
  readonly adapter?: SocketIoAdapter;
}

export const DEFAULT_PATH = '/socket.io';
const CONNECT_TIMEOUT_MS = 10_000;

/** Beside the data: the eventguid, labels, and what belongs to the packet. */
const HEADROOM_BYTES = 16 * 1024;

/** The options of the Socket.IO server; what is undefined is left to its defaults. */
export function serverOptions(config: SocketIoConfig, limits: Limits): Partial<ServerOptions> {
  const { cors, pingIntervalMs, pingTimeoutMs, upgradeTimeoutMs, adapter } = config;
  return {
    path: config.path ?? DEFAULT_PATH,
    connectTimeout: config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    maxHttpBufferSize: messageBytes(limits),
    serveClient: false,
    // Deliveries are written as finished WebSocket frames, which an extension would have to rewrite.
    perMessageDeflate: false,
    httpCompression: false,
    ...(cors && { cors: { origin: cors === '*' ? cors : [...cors] } }),
    ...(pingIntervalMs !== undefined && { pingInterval: pingIntervalMs }),
    ...(pingTimeoutMs !== undefined && { pingTimeout: pingTimeoutMs }),
    ...(upgradeTimeoutMs !== undefined && { upgradeTimeout: upgradeTimeoutMs }),
    ...(adapter && { adapter }),
  };
}

/** JSON escapes a byte with up to six characters: `\u0000`. */
const ESCAPED_BYTE = 6;

/** Longest message: data at their limit fit however they are escaped, and those just above it get an answer with a code. */
function messageBytes({ dataBytes, cookieBytes }: Limits): number {
  return ESCAPED_BYTE * (dataBytes + cookieBytes) + HEADROOM_BYTES;
}
