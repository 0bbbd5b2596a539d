import type { CloseReason, InboundLimits } from '@ringback/contract';
import type { CommandRate, Identity, PauseCause } from '@ringback/core';
import type { ReplyBatches } from './reply-batches.js';
import type { TurnScheduler } from './turn-scheduler.js';

/** What is asked of a hub. */
export interface InboundHub {
  readonly limits: InboundLimits;
  commandRate(identity?: Identity): CommandRate | undefined;
  onInboundPaused(gateway: string, cause: PauseCause): () => void;
  onInboundExceeded(gateway: string, reason: CloseReason): void;
}

/** A client that is not read from for a while. */
export interface Watched {
  /** Called now and then; answers whether it is still paused. */
  check(): boolean;
}

/** What the clients of one node have in common. */
export interface InboundNode {
  readonly hub: InboundHub;
  readonly scheduler: TurnScheduler;
  readonly replies: ReplyBatches;
  /** Milliseconds of a clock that never runs backwards. */
  readonly now: () => number;
  watch(watched: Watched): void;
}
