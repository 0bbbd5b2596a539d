import type { PauseCause } from '@ringback/core';
import type { Duplex } from 'node:stream';
import type { InboundHub } from './inbound-node.js';

/** What a client can be kept from sending by: its socket, or the answers to its requests. */
export interface InboundSource {
  /** For metrics. */
  readonly gateway: string;
  /** Bytes that the client has not read yet. */
  readonly bufferedBytes: number;
  /** What replies are written to; absent where that is no socket of its own. */
  readonly carrier?: Duplex | undefined;
  /** Leaves with the client what it sends, until `resume`. What has been read already may still come. */
  pause(): void;
  resume(): void;
  /** Called now and then while it is paused: the client's silence does not count meanwhile. */
  keepAlive?(): void;
}

/** Whether a client is read from. It is as soon as no cause is left. */
export class ReadGate {
  private causes: Map<PauseCause, () => void> | undefined;

  constructor(
    private readonly source: InboundSource,
    private readonly hub: Pick<InboundHub, 'onInboundPaused'>,
  ) {}

  get isPaused(): boolean {
    return this.causes !== undefined && this.causes.size > 0;
  }

  has(cause: PauseCause): boolean {
    return this.causes?.has(cause) ?? false;
  }

  set(cause: PauseCause, isHeld: boolean): void {
    if (isHeld === this.has(cause)) return;
    if (isHeld) this.hold(cause);
    else this.release(cause);
  }

  /** Reads again, whatever the causes. */
  open(): void {
    for (const cause of this.causes?.keys() ?? []) this.release(cause);
  }

  private hold(cause: PauseCause): void {
    if (!this.isPaused) this.source.pause();
    this.causes ??= new Map();
    this.causes.set(cause, this.hub.onInboundPaused(this.source.gateway, cause));
  }

  private release(cause: PauseCause): void {
    this.causes?.get(cause)?.();
    this.causes?.delete(cause);
    if (!this.isPaused) this.source.resume();
  }
}
