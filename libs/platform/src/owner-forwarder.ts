import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NodeForwarder, type NodeFor, type NodeForwarderOptions } from './node-forwarder.js';
import { answerUpgrade, PROBLEMS } from './problem.js';
import { declineOffers, isOffer, replayWithoutOffer } from './upgrade-offer.js';

export interface OwnerForwarderOptions extends Omit<NodeForwarderOptions, 'nodeFor'> {
  /** One of each gateway whose clients must come back to their node. */
  readonly owners: readonly NodeFor[];
  /** Whether some gateway accepts upgrades at the target of a request; all others are refused. */
  readonly acceptsUpgrade: (target: string) => boolean;
}

/** Hands requests that belong to another node to that node, before any gateway sees them. */
export class OwnerForwarder {
  private readonly forwarder: NodeForwarder;

  constructor(private readonly options: OwnerForwarderOptions) {
    this.forwarder = new NodeForwarder({
      ...options,
      nodeFor: (request) => firstNode(options.owners, request),
    });
  }

  /** Puts itself before all who listen to the server now: call it after the gateways have attached. */
  install(server: Server): void {
    const onRequest = takeOver(server, 'request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (this.forwarder.isLocal(request)) onRequest(request, response);
      else this.forwarder.forwardRequest(request, response);
    });
    const onUpgrade = takeOver(server, 'upgrade');
    server.on('upgrade', (request: IncomingMessage, link: Socket, head: Buffer) => {
      if (isOffer(request)) return replayWithoutOffer(server, request, link, head);
      link.on('error', () => link.destroy()); // without a listener, a broken link would end the process
      if (!this.options.acceptsUpgrade(request.url ?? '')) answerUpgrade(link, PROBLEMS.notFound);
      else if (this.forwarder.isLocal(request)) onUpgrade(request, link, head);
      else this.forwarder.forwardUpgrade(request, link, head);
    });
    declineOffers(server);
  }

  /** Ends what is being forwarded. */
  close(): void {
    this.forwarder.close();
  }
}

function firstNode(owners: readonly NodeFor[], request: IncomingMessage): string | undefined {
  for (const nodeFor of owners) {
    const nodeId = nodeFor(request);
    if (nodeId !== undefined) return nodeId;
  }
  return undefined;
}

/** Takes the listeners away and answers one function that calls them all. */
function takeOver(server: Server, name: string): (...args: unknown[]) => void {
  const listeners = server.listeners(name);
  server.removeAllListeners(name);
  return (...args) => {
    for (const listener of listeners) Reflect.apply(listener, server, args);
  };
}
