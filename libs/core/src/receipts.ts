import type { Receipt } from '@ringback/contract';
import type { Clock } from './ports/clock.port.js';
import type { Log } from './ports/log.port.js';
import type { PeerMessage, Peers } from './ports/peers.port.js';
import type { ReceiptRequest } from './ports/relay.port.js';
import type { Tally } from './tally.js';

type Report = Extract<PeerMessage, { kind: 'receipt' }>;

/** A receipt that is being put together. */
interface Collection {
  delivered: number;
  queued: number;
  dropped: number;
  reports: number;
  /** How many nodes are to report; not known until the trigger is accepted. */
  expected: number;
  done: () => void;
}

/** Receipts of triggers: asks the nodes for them, and says what became of an envelope here. */
export class Receipts {
  private readonly collections = new Map<string, Collection>();
  private asked = 0;

  constructor(
    private readonly ports: { readonly peers: Peers; readonly clock: Clock; readonly log: Log },
    private readonly nodeId: string,
  ) {}

  /** How many are being put together. */
  get size(): number {
    return this.collections.size;
  }

  /** A request to publish with a trigger. Ended by `collect` or `abandon`. */
  ask(): ReceiptRequest {
    const receiptId = String(++this.asked);
    this.collections.set(receiptId, {
      delivered: 0,
      queued: 0,
      dropped: 0,
      reports: 0,
      expected: Number.POSITIVE_INFINITY,
      done: () => undefined,
    });
    return { nodeId: this.nodeId, receiptId };
  }

  /** Resolves once so many nodes have reported, at the latest after the time. */
  async collect({ receiptId }: ReceiptRequest, nodes: number, waitMs: number): Promise<Receipt> {
    const collection = this.collections.get(receiptId);
    if (!collection) return { delivered: 0, queued: 0, dropped: 0, complete: false };
    collection.expected = nodes;
    if (collection.reports < nodes) {
      await new Promise<void>((resolve) => {
        const cancel = this.ports.clock.after(waitMs, resolve);
        collection.done = () => {
          cancel();
          resolve();
        };
      });
    }
    this.collections.delete(receiptId);
    const { delivered, queued, dropped, reports } = collection;
    return { delivered, queued, dropped, complete: reports >= nodes };
  }

  abandon({ receiptId }: ReceiptRequest): void {
    this.collections.delete(receiptId);
  }

  /** Takes what a node, this one included, says. What comes too late is dropped. */
  hear({ receiptId, delivered, queued, dropped }: Report): void {
    const collection = this.collections.get(receiptId);
    if (!collection) return;
    collection.delivered += delivered;
    collection.queued += queued;
    collection.dropped += dropped;
    collection.reports++;
    if (collection.reports >= collection.expected) collection.done();
  }

  /** Tells who asked. To be called when the outboxes have handed over what was pushed to them. */
  report({ nodeId, receiptId }: ReceiptRequest, { outboxes, held }: Tally): void {
    const dropped = outboxes.filter((outbox) => outbox.isClosed).length;
    const waiting = outboxes.filter((outbox) => outbox.waitingBytes > 0).length;
    const delivered = outboxes.length - dropped - waiting;
    const report: Report = { kind: 'receipt', receiptId, delivered, queued: held + waiting, dropped };
    if (nodeId === this.nodeId) return this.hear(report);
    this.ports.peers.tell(nodeId, report).catch((error: unknown) => {
      this.ports.log.warn('receipt not reported', { requestingNodeId: nodeId, error });
    });
  }
}
