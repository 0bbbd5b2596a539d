import type { Hub, Log } from '@ringback/core';
import type { HttpRouter } from './http-router.js';
import type { ForwardedLink, NodeForwarder } from './node-forwarder.js';

/** What the nodes speak of under this name. */
const SUBJECT = 'forwarded-links';

/** What is said to the node that holds a client: this one stops forwarding for it. */
type SendAway = Pick<ForwardedLink, 'protocol' | 'connection'>;

export interface ForwardedLinksParts {
  readonly hub: Pick<Hub, 'addDrainSource' | 'notes'>;
  readonly router: Pick<HttpRouter, 'sendAway'>;
  readonly forwarder: Pick<NodeForwarder, 'links'>;
  readonly log: Log;
}

/**
 * Sees to it that the clients of other nodes whose links go through a node that stops are sent away in their own protocol, spread over the drain like the
 * node's own clients: the node asks the one that holds each client to do that. What a holder does not hear is cut when the node stops.
 */
export class ForwardedLinks {
  constructor(private readonly parts: ForwardedLinksParts) {}

  /** From now on this node listens to the others, and asks them when it drains. */
  start(): void {
    const { hub, forwarder } = this.parts;
    hub.notes.listen(SUBJECT, (from, body) => this.hear(from, body));
    hub.addDrainSource(() => forwarder.links.map((link) => () => this.ask(link)));
  }

  private ask({ nodeId, protocol, connection }: ForwardedLink): void {
    const said: SendAway = { protocol, connection };
    this.parts.hub.notes.tell(nodeId, SUBJECT, JSON.stringify(said));
  }

  private hear(from: string, body: string): void {
    const said = parse(body);
    if (said) this.parts.router.sendAway(said.protocol, said.connection);
    else this.parts.log.error('peer note not readable', { subject: SUBJECT, from });
  }
}

/** `undefined` for what this version does not read. Never throws. */
function parse(body: string): SendAway | undefined {
  const said = parseJson(body);
  if (typeof said !== 'object' || said === null) return undefined;
  const { protocol, connection }: Partial<Record<string, unknown>> = { ...said };
  return typeof protocol === 'string' && typeof connection === 'string'
    ? { protocol, connection }
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller logs it
  }
}
