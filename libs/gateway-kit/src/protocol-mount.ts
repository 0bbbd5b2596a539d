import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestTarget } from './request-target.js';

/** A request on its way to a protocol. */
export interface RoutedRequest {
  readonly request: IncomingMessage;
  readonly target: RequestTarget;
}

/** How a protocol takes its requests from the HTTP server of a node. The router has refused what no protocol should see before it calls any of these. */
export interface ProtocolMount {
  /** For log lines and metrics. */
  readonly name: string;
  /** Among mounts that match one request, that with the fewest wildcards wins: `exact` before `pattern`. */
  readonly precedence: 'exact' | 'pattern';
  /** Whether the target is this protocol's. Called for every request: cheap, and without side effects. */
  match(target: RequestTarget): boolean;
  /** Answers the request. What it throws, or rejects with, is answered with its code. */
  handle(routed: RoutedRequest, response: ServerResponse): void | Promise<void>;
  /** Takes an upgrade to WebSocket over; absent where the protocol has none. Throws, or rejects, only before it has written anything. */
  upgrade?(routed: RoutedRequest, socket: Duplex, head: Buffer): void | Promise<void>;
  /** The node that holds what the request belongs to, which it is forwarded to; `undefined` if any node may answer. */
  nodeFor?(routed: RoutedRequest): string | undefined;
  /**
   * Whether the request, which is this node's to answer or to forward, would open a client here that there is not yet: a negotiation, a handshake, a first
   * poll, a stream, an upgrade. A node that closes its connections refuses those with `draining`; all others go on.
   */
  opensClient(routed: RoutedRequest): boolean;
  /** The connection that a request which `nodeFor` forwards belongs to, as its holder's `sendAway` knows it; absent where nothing is forwarded. */
  connectionFor?(routed: RoutedRequest): string | undefined;
  /** Closes a connection of this node as its drain would: a node that stops forwards its requests. Answers whether there was one. */
  sendAway?(connection: string): boolean;
  /** The longest time for which it holds a request without writing anything. A node that forwards the request waits somewhat longer. */
  readonly maxSilenceMs: number;
}
