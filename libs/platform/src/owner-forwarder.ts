import type { Origins } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { OwnerAddresses, type AddressOf } from './owner-addresses.js';
import { FORWARDED_BY, OwnerProxy, type Owner } from './owner-proxy.js';
import { answerRequest, answerUpgrade, PROBLEMS, type Problem } from './problem.js';
import { declineOffers, isOffer, replayWithoutOffer } from './upgrade-offer.js';

/** Names the node that a request belongs to; `undefined` if any node may answer it. */
export type OwnerOf = (request: IncomingMessage) => string | undefined;

export interface OwnerForwarderOptions {
  readonly nodeId: string;
  /** One of each gateway whose clients must come back to their node. */
  readonly owners: readonly OwnerOf[];
  /** Whether some gateway accepts upgrades at the target of a request; all others are refused. */
  readonly acceptsUpgrade: (target: string) => boolean;
  readonly addressOf: AddressOf;
  /** Whose pages may read why a request failed. */
  readonly origins?: Origins | undefined;
  readonly log: Log;
  readonly connectMs?: number;
  readonly responseMs?: number;
}

const CONNECT_MS = 2_000;
const RESPONSE_MS = 60_000;

/** Hands requests that belong to another node to that node, so that no load balancer has to be sticky. */
export class OwnerForwarder {
  private readonly addresses: OwnerAddresses;
  private readonly proxy: OwnerProxy;

  constructor(private readonly options: OwnerForwarderOptions) {
    const { nodeId, log, origins, connectMs = CONNECT_MS, responseMs = RESPONSE_MS } = options;
    this.addresses = new OwnerAddresses(options.addressOf, (owner, error) =>
      log.warn('owner lookup failed, using cached address', { error, nodeId: owner }),
    );
    this.proxy = new OwnerProxy({ nodeId, log, origins, connectMs, responseMs });
  }

  /** Puts itself before all who listen to the server now: call it after the gateways have attached. */
  install(server: Server): void {
    const onRequest = takeOver(server, 'request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (this.isOurs(request)) onRequest(request, response);
      else this.forwardRequest(request, response).catch((error: unknown) => this.failed(error, response));
    });
    const onUpgrade = takeOver(server, 'upgrade');
    server.on('upgrade', (request: IncomingMessage, link: Socket, head: Buffer) => {
      if (isOffer(request)) return replayWithoutOffer(server, request, link, head);
      link.on('error', () => link.destroy()); // without a listener, a broken link would end the process
      if (!this.options.acceptsUpgrade(request.url ?? '')) answerUpgrade(link, PROBLEMS.notFound);
      else if (this.isOurs(request)) onUpgrade(request, link, head);
      else this.forwardUpgrade(request, link, head).catch((error: unknown) => this.failed(error, link));
    });
    declineOffers(server);
  }

  /** Ends what is being forwarded. */
  close(): void {
    this.proxy.close();
  }

  private isOurs(request: IncomingMessage): boolean {
    const owner = this.ownerOf(request);
    return owner === undefined || owner === this.options.nodeId;
  }

  private ownerOf(request: IncomingMessage): string | undefined {
    for (const ownerOf of this.options.owners) {
      const owner = ownerOf(request);
      if (owner !== undefined) return owner;
    }
    return undefined;
  }

  private async forwardRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const owner = await this.findOwner(request);
    if (response.destroyed) return;
    if ('status' in owner) answerRequest(response, owner, this.options.origins);
    else await this.proxy.request(request, response, owner);
  }

  private async forwardUpgrade(request: IncomingMessage, link: Socket, head: Buffer): Promise<void> {
    const owner = await this.findOwner(request);
    if (link.destroyed) return;
    if ('status' in owner) answerUpgrade(link, owner);
    else await this.proxy.upgrade(request, link, head, owner);
  }

  private async findOwner(request: IncomingMessage): Promise<Owner | Problem> {
    const nodeId = this.ownerOf(request);
    // Forwarded to a node that is not the owner either: the owner has changed its address or its name.
    if (nodeId === undefined || request.headers[FORWARDED_BY] !== undefined)
      return PROBLEMS.transportSessionNotFound;
    try {
      const address = await this.addresses.get(nodeId);
      return address === undefined ? PROBLEMS.transportSessionNotFound : { nodeId, address };
    } catch (error) {
      this.options.log.warn('owner cannot be looked up', { error, nodeId });
      return PROBLEMS.ownerUnknown;
    }
  }

  private failed(error: unknown, answer: ServerResponse | Socket): void {
    this.options.log.warn('forwarding failed', { error });
    if (answer.destroyed) return;
    if (answer instanceof ServerResponse) answerRequest(answer, PROBLEMS.ownerFailed, this.options.origins);
    else answerUpgrade(answer, PROBLEMS.ownerFailed);
  }
}

/** Takes the listeners away and answers one function that calls them all. */
function takeOver(server: Server, name: string): (...args: unknown[]) => void {
  const listeners = server.listeners(name);
  server.removeAllListeners(name);
  return (...args) => {
    for (const listener of listeners) Reflect.apply(listener, server, args);
  };
}
