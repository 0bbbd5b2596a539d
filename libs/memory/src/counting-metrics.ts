import type { CloseReasonName, ErrorCode } from '@ringback/contract';
import type { DisconnectReason, Metrics, PauseCause } from '@ringback/core';

/** Counts in memory, one number per name and label. */
export class CountingMetrics implements Metrics {
  private readonly counts = new Map<string, number>();

  triggered(): void {
    this.add('triggered');
  }

  relayed(_delayMs: number): void {
    this.add('relayed');
  }

  delivered(subscriptions: number): void {
    this.add('delivered', undefined, subscriptions);
  }

  connected(gateway: string): void {
    this.add('connected', gateway);
  }

  disconnected(_gateway: string, reason: DisconnectReason): void {
    this.add('disconnected', reason);
  }

  evicted(): void {
    this.add('evicted');
  }

  paused(_gateway: string, cause: PauseCause): void {
    this.add('paused', cause);
  }

  resumed(_gateway: string, cause: PauseCause): void {
    this.add('resumed', cause);
  }

  exceeded(_gateway: string, reason: CloseReasonName): void {
    this.add('exceeded', reason);
  }

  failed(code: ErrorCode): void {
    this.add('failed', code);
  }

  gap(filled: boolean): void {
    this.add('gap', `${filled}`);
  }

  recovered(recovered: boolean): void {
    this.add('recovered', `${recovered}`);
  }

  swept(subscriptions: number): void {
    this.add('swept', undefined, subscriptions);
  }

  /**
   * How often it was counted, of `delivered` and `swept` how many subscriptions. A label says of which: a gateway, a reason, a cause,
   * an error code, `'true'` or `'false'`.
   */
  count(name: keyof Metrics, label?: string): number {
    return this.counts.get(keyOf(name, label)) ?? 0;
  }

  private add(name: keyof Metrics, label?: string, by = 1): void {
    this.counts.set(keyOf(name), this.count(name) + by);
    if (label !== undefined) this.counts.set(keyOf(name, label), this.count(name, label) + by);
  }
}

function keyOf(name: string, label?: string): string {
  return label === undefined ? name : `${name} ${label}`;
}
