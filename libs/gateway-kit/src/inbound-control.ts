import { TurnBudget } from '@ringback/async';
import type { InboundHub, InboundNode, Watched } from './inbound-node.js';
import { InboundQueue } from './inbound-queue.js';
import type { InboundSource } from './read-gate.js';
import { ReplyBatches } from './reply-batches.js';
import { TurnScheduler } from './turn-scheduler.js';

/** How often those are looked at that are paused: nobody says when a client has read, or a bucket has filled. */
const CHECK_MS = 50;

const controls = new WeakMap<InboundHub, InboundControl>();

/** Shares one node among all its clients, whichever protocol they speak. */
export class InboundControl implements InboundNode {
  readonly scheduler: TurnScheduler;
  /** For connections that end: very many may do so at once. */
  readonly endings = new TurnBudget();
  readonly replies = new ReplyBatches();
  /** Milliseconds of a clock that never runs backwards. */
  readonly now = (): number => performance.now();
  private readonly paused = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;

  private constructor(readonly hub: InboundHub) {
    this.scheduler = new TurnScheduler(hub.limits.commandsPerTurn);
  }

  /** The one of the node. */
  static of(hub: InboundHub): InboundControl {
    let control = controls.get(hub);
    if (!control) controls.set(hub, (control = new InboundControl(hub)));
    return control;
  }

  /** For a client that has come and has not said who it is. */
  open(source: InboundSource): InboundQueue {
    return new InboundQueue(this, source);
  }

  /** Calls `check` of the queue now and then, until it answers that it is not paused any more. */
  watch(queue: Watched): void {
    this.paused.add(queue);
    this.timer ??= setInterval(() => this.check(), CHECK_MS).unref();
  }

  private check(): void {
    for (const queue of this.paused) if (!queue.check()) this.paused.delete(queue);
    if (this.paused.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
