import { delay } from '@ringback/async';
import type { Hub, Log } from '@ringback/core';
import type { HttpRouter } from './http-router.js';
import type { ForwardedLink, NodeForwarder } from './node-forwarder.js';

/** What the nodes speak of under this name. */
const SUBJECT = 'forwarded-links';

const LOOK_EVERY_MS = 10;

/** What is said to the node that holds a client: this one stops forwarding for it. */
type SendAway = Pick<ForwardedLink, 'protocol' | 'connection'>;

export interface ForwardedLinksParts {
  readonly hub: Pick<Hub, 'addDrainSource' | 'notes'>;
  readonly router: Pick<HttpRouter, 'sendAway'>;
  readonly forwarder: Pick<NodeForwarder, 'holds' | 'links' | 'size'>;
  readonly log: Log;
}

/**
 * Sees to it that the clients of other nodes whose links go through a node that stops are sent away in their own protocol: the node asks the one that holds
 * each client to do that. The links that there are when the drain begins are asked for like the node's own clients, spread over the drain, if they still
 * last when it is their turn; a poll or a stream that comes later only when the node is about to stop. What a holder does not hear is cut then.
 */
export class ForwardedLinks {
  constructor(private readonly parts: ForwardedLinksParts) {}

  /** From now on this node listens to the others, and asks them when it drains. */
  start(): void {
    const { hub, forwarder } = this.parts;
    hub.notes.listen(SUBJECT, (from, body) => this.hear(from, body));
    hub.addDrainSource(() =>
      forwarder.links.map((link) => () => {
        if (forwarder.holds(link)) this.ask(link);
      }),
    );
  }

  /** How many clients of other nodes have a link through this one at the moment. */
  get clients(): number {
    return this.parts.forwarder.links.length;
  }

  /** How much is being forwarded at the moment, what only sends included. */
  get size(): number {
    return this.parts.forwarder.size;
  }

  /**
   * Resolves when nothing is being forwarded any more, or the time is over. For the first half of it all may end by itself: most polls do, and their clients
   * go on at other nodes. The clients whose links are still there then, or come later, are sent away.
   */
  async finish(limitMs: number): Promise<void> {
    const { forwarder } = this.parts;
    const asked = new Set<ForwardedLink>();
    const startedAt = performance.now();
    const elapsedMs = (): number => performance.now() - startedAt;
    while (forwarder.size > 0 && elapsedMs() < limitMs) {
      const late = elapsedMs() < limitMs / 2 ? [] : forwarder.links.filter((link) => !asked.has(link));
      for (const link of late) this.ask(link);
      for (const link of late) asked.add(link);
      await delay(LOOK_EVERY_MS);
    }
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
