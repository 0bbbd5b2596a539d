import type { Published, Receipt, TraceContext, Trigger } from '@ringback/contract';
import type { Fanout } from './fanout.js';
import type { Metrics } from './ports/metrics.port.js';
import type { ReceiptRequest, Relay } from './ports/relay.port.js';
import type { Tracer } from './ports/tracer.port.js';
import type { Receipts } from './receipts.js';
import { traceTrigger } from './trace-trigger.js';
import { askGuards, type TriggerGuard } from './trigger-guard.js';
import { TurnQueue } from './turn-queue.js';

/** What a trigger that nobody was notified of is receipted with. */
const EMPTY_RECEIPT: Receipt = { delivered: 0, queued: 0, dropped: 0, complete: true };

/** How a trigger is to be treated. */
export interface HubTriggerOptions {
  /** How long to wait for the receipt, from the moment of acceptance. Absent where none is wanted. */
  readonly waitMs?: number;
  /**
   * Who triggers, a connection for instance: if a guard has to be awaited, what the same sender triggers later on the same shard waits
   * behind it. What has no sender waits for its own guards only.
   */
  readonly sender?: string;
  /** The trace that it came with. */
  readonly trace?: TraceContext | undefined;
}

/** What is answered to an accepted trigger. */
export interface TriggerResult extends Published {
  /** Present if `waitMs` was given: resolves when all nodes have reported, at the latest after that time. Never rejects. */
  readonly receipt?: Promise<Receipt>;
}

interface TriggerPorts {
  readonly relay: Pick<Relay, 'publish' | 'shardOf'>;
  readonly metrics: Pick<Metrics, 'triggered'>;
  readonly tracer?: Tracer;
}

interface TriggerDependencies {
  readonly receipts: Receipts;
  readonly fanout: Pick<Fanout, 'onDoubt'>;
}

/** Hands triggers that are allowed to the relay, and collects their receipts. */
export class TriggerService {
  private guards: readonly TriggerGuard[] = [];
  private readonly turns = new TurnQueue();

  constructor(
    private readonly ports: TriggerPorts,
    private readonly dependencies: TriggerDependencies,
  ) {}

  addGuard(guard: TriggerGuard): () => void {
    this.guards = [...this.guards, guard];
    return () => {
      this.guards = this.guards.filter((other) => other !== guard);
    };
  }

  /** As `Hub.trigger` says. */
  trigger(trigger: Trigger, options: HubTriggerOptions): Promise<TriggerResult> {
    const { tracer } = this.ports;
    if (!tracer && !options.trace) return this.answer(trigger, options);
    return traceTrigger(tracer, trigger, options.trace, (trace) =>
      this.answer(trigger, { ...options, trace }),
    );
  }

  private answer(trigger: Trigger, options: HubTriggerOptions): Promise<TriggerResult> {
    if (this.guards.length === 0 && this.turns.size === 0) return this.publish(trigger, options);
    const guards = this.guards.filter((guard) => guard.concerns(trigger));
    if (guards.length === 0 && this.turns.size === 0) return this.publish(trigger, options);
    return this.triggerInTurn(trigger, options, guards);
  }

  /** Waits for the guards, and for what the sender has triggered before on the same shard. */
  private async triggerInTurn(
    trigger: Trigger,
    options: HubTriggerOptions,
    guards: readonly TriggerGuard[],
  ): Promise<TriggerResult> {
    const { sender, waitMs } = options;
    const lane =
      sender === undefined ? undefined : `${sender} ${this.ports.relay.shardOf(trigger.eventguid)}`;
    const asked = guards.length > 0 ? askGuards(guards, trigger) : undefined;
    if (!asked && !this.turns.has(lane)) return this.publish(trigger, options);
    return this.turns.run(lane, asked, async (answer) => {
      if (!answer) return this.publish(trigger, options);
      return waitMs === undefined ? answer : { ...answer, receipt: Promise.resolve(EMPTY_RECEIPT) };
    });
  }

  /** Not a moment passes before the relay has it: the order of the calls is the order of the triggers. */
  private async publish(trigger: Trigger, { waitMs, trace }: HubTriggerOptions): Promise<TriggerResult> {
    if (waitMs === undefined) return this.relay(trigger, undefined, trace);
    const { receipts } = this.dependencies;
    const request = receipts.ask();
    try {
      const published = await this.relay(trigger, request, trace);
      return { ...published, receipt: receipts.collect(request, published.nodes, waitMs) };
    } catch (error) {
      receipts.abandon(request);
      throw error;
    }
  }

  private async relay(trigger: Trigger, receipt?: ReceiptRequest, trace?: TraceContext): Promise<Published> {
    const published = await this.ports.relay.publish(trigger, receipt, trace);
    this.ports.metrics.triggered();
    // Nobody was reached, although this node follows: its link to the relay is broken without its knowing.
    if (published.nodes === 0) this.dependencies.fanout.onDoubt([trigger.eventguid]);
    return published;
  }
}
