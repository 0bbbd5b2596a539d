import type { Limits } from '@ringback/contract';
import type { ServerOptions } from 'socket.io';

/** The gateway's name in metrics and for operators. */
export const GATEWAY = 'socketio';

/** The options of the Socket.IO gateway. */
export interface SocketIoOptions {
  /** Path of the HTTP requests. Default `/socket.io`, which stock clients take. */
  readonly path?: string;
  /** How often a connection is pinged. Default 25 s. */
  readonly pingIntervalMs?: number;
  /** How long a connection may take to answer a ping before it counts as dead. Default 20 s. */
  readonly pingTimeoutMs?: number;
  /** How long the change from long polling to WebSocket may take. Default 10 s. */
  readonly upgradeTimeoutMs?: number;
  /** How long a client may take from the opening of the transport to its admission. Default: as the limits of the hub say. */
  readonly connectTimeoutMs?: number;
}

/** The options with all defaults filled in. */
export type CompleteSocketIoOptions = Required<Omit<SocketIoOptions, 'connectTimeoutMs'>> &
  Pick<SocketIoOptions, 'connectTimeoutMs'>;

/** Injection token of the `CompleteSocketIoOptions`. */
export const SOCKETIO_OPTIONS = Symbol('SocketIoOptions');

export const DEFAULT_OPTIONS: CompleteSocketIoOptions = {
  path: '/socket.io',
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
  upgradeTimeoutMs: 10_000,
};

/** Beside the data: the eventguid, labels, and what belongs to the packet. */
const HEADROOM_BYTES = 16 * 1024;

/** The options of the Socket.IO server. CORS is the router's. */
export function serverOptions(options: CompleteSocketIoOptions, limits: Limits): Partial<ServerOptions> {
  return {
    path: options.path,
    connectTimeout: options.connectTimeoutMs ?? limits.connectTimeoutMs,
    pingInterval: options.pingIntervalMs,
    pingTimeout: options.pingTimeoutMs,
    upgradeTimeout: options.upgradeTimeoutMs,
    maxHttpBufferSize: maxMessageBytes(limits),
    serveClient: false,
    // Deliveries are written as finished WebSocket frames, which an extension would have to rewrite.
    perMessageDeflate: false,
    httpCompression: false,
  };
}

/** JSON escapes a byte with up to six characters: `\u0000`. */
const MAX_ESCAPED_BYTES = 6;

/** Data at their limit fit however they are escaped, and those just above it get an answer with a code. */
function maxMessageBytes({ dataBytes, cookieBytes }: Limits): number {
  return MAX_ESCAPED_BYTES * (dataBytes + cookieBytes) + HEADROOM_BYTES;
}
