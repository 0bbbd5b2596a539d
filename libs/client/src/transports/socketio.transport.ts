import { Manager } from 'socket.io-client';
import { SocketIoLink } from './socketio.link.js';
import type { Token } from './token.js';
import type { Transport } from './transport.js';

export interface SocketIoOptions {
  /** Where the hub is: `https://host:port`, or `https://host/below/a/path` behind a proxy that takes the path away. */
  readonly url: string;
  /** The whole path of the requests. Default: `/socket.io` below that of `url`. */
  readonly path?: string;
  readonly token?: Token;
  /**
   * The name, within the identity that the token tells, under which the hub keeps subscriptions and what was not acknowledged when this client is
   * away. The latest client of a name has its session; the one before is closed with `session-taken-over`. At most 128 bytes.
   */
  readonly subscriberId?: string;
  /**
   * Falls back to HTTP long polling where WebSocket does not get through. Default: `false`, because a WebSocket is one request to one
   * node, whichever, while polling is many requests of which each must find the node that holds the connection.
   */
  readonly polling?: boolean;
}

/**
 * The hub's Socket.IO protocol. Socket.IO's own reconnection is off and each link has a socket of its own: whether to come back is said by the
 * hub's close codes, the delays are told to the user, and Socket.IO would send buffered commands again with positions grown stale.
 */
export function socketIoTransport(options: SocketIoOptions): Transport {
  return {
    open(listener, timeoutMs) {
      const manager = new Manager(options.url, {
        path: options.path ?? socketIoPath(options.url),
        transports: options.polling ? ['websocket', 'polling'] : ['websocket'],
        tryAllTransports: options.polling ?? false,
        reconnection: false,
        autoConnect: false,
        timeout: timeoutMs,
      });
      const link = new SocketIoLink(manager.socket('/'), listener);
      link.open(options, timeoutMs);
      return link;
    },
  };
}

/** The path of the URL says where the hub is, not which namespace is meant. */
function socketIoPath(url: string): string {
  const [, path = ''] = /^(?:https?|wss?):\/\/[^/?#]*([^?#]*)/i.exec(url) ?? [];
  return `${path.replace(/\/+$/, '')}/socket.io`;
}
