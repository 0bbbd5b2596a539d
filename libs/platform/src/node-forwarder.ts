import type { Origins } from '@ringback/contract';
import type { Log } from '@ringback/core';
import {
  NodeAddressCache,
  NodeProxy,
  type AddressLookup,
  type NodeProxyError,
  type NodeProxyErrorKind,
  type UnansweredClient,
} from '@ringback/node-proxy';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { answerRequest, answerUpgrade, PROBLEMS, type Problem } from './problem.js';

/** Names the node that a request belongs to; `undefined` if any node may answer it. */
export type NodeFor = (request: IncomingMessage) => string | undefined;

export interface NodeForwarderOptions {
  readonly nodeId: string;
  readonly nodeFor: NodeFor;
  readonly addressOf: AddressLookup;
  /** Whose pages may read why a request failed. */
  readonly origins?: Origins | undefined;
  readonly log: Log;
  readonly connectMs?: number;
  readonly responseMs?: number;
}

/** Names the node that forwarded a request. */
const FORWARDED_BY = 'x-ringback-forwarded-by';

const PROXY_PROBLEMS = {
  unreachable: PROBLEMS.ownerUnreachable,
  failed: PROBLEMS.ownerFailed,
  timeout: PROBLEMS.ownerSilent,
} as const satisfies Record<NodeProxyErrorKind, Problem>;

/** Decides which node a request belongs to, has it carried there, and answers it where that fails. */
export class NodeForwarder {
  private readonly addresses: NodeAddressCache;
  private readonly proxy: NodeProxy;

  constructor(private readonly options: NodeForwarderOptions) {
    const { addressOf, log } = options;
    this.addresses = new NodeAddressCache(addressOf, (nodeId, error) =>
      log.warn('owner lookup failed, using cached address', { error, nodeId }),
    );
    this.proxy = new NodeProxy({
      ...options,
      forwardedByHeader: FORWARDED_BY,
      onError: (error, client) => this.onProxyError(error, client),
    });
  }

  /** Whether this node answers the request itself. */
  isLocal(request: IncomingMessage): boolean {
    const nodeId = this.options.nodeFor(request);
    return nodeId === undefined || nodeId === this.options.nodeId;
  }

  /** Forwards a request that is not local. Whatever fails is answered and logged. */
  forwardRequest(request: IncomingMessage, response: ServerResponse): void {
    this.forward(request, response, (address) => this.proxy.request(request, response, address));
  }

  /** The same for an upgrade. */
  forwardUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    this.forward(request, socket, (address) => this.proxy.upgrade(request, socket, head, address));
  }

  /** Ends what is being forwarded. */
  close(): void {
    this.proxy.close();
  }

  private forward(
    request: IncomingMessage,
    client: UnansweredClient,
    carry: (address: string) => Promise<void>,
  ): void {
    const forwarded = this.locate(request).then(async (target) => {
      if (client.destroyed) return;
      if (typeof target === 'string') await carry(target);
      else this.answer(client, target);
    });
    forwarded.catch((error: unknown) => this.onUnexpected(error, client));
  }

  /** The address to forward to, or why there is none. */
  private async locate(request: IncomingMessage): Promise<string | Problem> {
    const nodeId = this.options.nodeFor(request);
    // Forwarded to a node that is not the right one either: that one has changed its address or its name.
    if (nodeId === undefined || this.proxy.isForwarded(request)) return PROBLEMS.sessionGone;
    try {
      return (await this.addresses.get(nodeId)) ?? PROBLEMS.sessionGone;
    } catch (error) {
      this.options.log.warn('owner cannot be looked up', { error, nodeId });
      return PROBLEMS.ownerUnknown;
    }
  }

  private onProxyError(error: NodeProxyError, client: UnansweredClient | undefined): void {
    const problem = PROXY_PROBLEMS[error.kind];
    this.options.log.warn('forwarding failed', { error, code: problem.code, status: problem.status });
    if (client) this.answer(client, problem);
  }

  private onUnexpected(error: unknown, client: UnansweredClient): void {
    this.options.log.warn('forwarding failed', { error });
    if (!client.destroyed) this.answer(client, PROBLEMS.ownerFailed);
  }

  private answer(client: UnansweredClient, problem: Problem): void {
    if (client instanceof ServerResponse) answerRequest(client, problem, this.options.origins);
    else answerUpgrade(client, problem);
  }
}
