import {
  NodeProxy,
  type NodeProxyError,
  type NodeProxyErrorKind,
  type UnansweredClient,
} from '@ringback/node-proxy';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answer, answerUpgrade, refusals } from './answers.js';
import type { Elsewhere } from './options.js';
import { nodeOf } from './token-text.js';

export interface ForwardElsewhereOptions {
  readonly nodeId: string;
  /** Where the other nodes reach a node, as `http://host:port`; undefined if there is none of that id. */
  readonly addressOf: (nodeId: string) => Promise<string | undefined> | string | undefined;
  /** Told when a node cannot be looked up or reached. Default: a process warning. */
  readonly onFault?: (error: Error) => void;
  /** How long another node may take to accept the link. Default: 2,000. */
  readonly connectMs?: number;
  /** How long it may be silent; above the time for which it holds a poll. Default: 120,000. */
  readonly responseMs?: number;
}

const defaults = {
  // as text: an Error made in a context of node:vm, as test runners have them, would be refused
  onFault: ({ message, name }: Error) => process.emitWarning(message, name),
  connectMs: 2_000,
  responseMs: 120_000,
} as const;

/** Names the node that a request came from; what carries it is not forwarded again. */
const forwardedBy = 'x-signalr-forwarded-by';

const statusOf: Readonly<Record<NodeProxyErrorKind, number>> = {
  unreachable: 503,
  failed: 502,
  timeout: 504,
};

/** An `Elsewhere` for tokens of `signedTokens`, by plain HTTP between the nodes. */
export interface Forwarding extends Elsewhere {
  /** Ends what is being forwarded. */
  close(): void;
}

/**
 * Takes requests to the node that their token names: 503 if it cannot be reached, 502 if it breaks off, 504 if it is silent. What names
 * no other node, one that nobody knows, or comes from another node already, is left to the endpoint, which answers 404.
 */
export function forwardElsewhere(options: ForwardElsewhereOptions): Forwarding {
  return new NodeForwarding({ ...defaults, ...options });
}

class NodeForwarding implements Forwarding {
  readonly #options: Required<ForwardElsewhereOptions>;
  readonly #proxy: NodeProxy;

  constructor(options: Required<ForwardElsewhereOptions>) {
    this.#options = options;
    const onError = (error: NodeProxyError, client?: UnansweredClient) => this.#failed(error, client);
    this.#proxy = new NodeProxy({ ...options, forwardedByHeader: forwardedBy, onError });
  }

  async request(request: IncomingMessage, response: ServerResponse, token: string): Promise<boolean> {
    const address = await this.#find(request, token);
    if (address === undefined) return false;
    if (!response.destroyed) await this.#proxy.request(request, response, address);
    return true;
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, token: string): Promise<boolean> {
    const address = await this.#find(request, token);
    if (address === undefined) return false;
    if (!socket.destroyed) await this.#proxy.upgrade(request, socket as Socket, head, address);
    return true;
  }

  close(): void {
    this.#proxy.close();
  }

  async #find(request: IncomingMessage, token: string): Promise<string | undefined> {
    const nodeId = nodeOf(token);
    if (nodeId === undefined || nodeId === this.#options.nodeId) return undefined;
    if (this.#proxy.isForwarded(request)) return undefined;
    try {
      return await this.#options.addressOf(nodeId);
    } catch (error) {
      this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
      throw refusals.unavailable();
    }
  }

  #failed(error: NodeProxyError, client: UnansweredClient | undefined): void {
    this.#options.onFault(error);
    if (client instanceof ServerResponse) answer(client, statusOf[error.kind]);
    else if (client) answerUpgrade(client, statusOf[error.kind]);
  }
}
