import type { BridgeMetrics } from '../bridge-metrics.js';

/** What bridges counted, as `name direction outcome`. For specs. */
export class CountedBridges implements BridgeMetrics {
  loops = 0;
  private readonly counts = new Map<string, number>();
  private readonly states = new Map<string, boolean>();

  carried(bridge: string, direction: 'in' | 'out', outcome: string): void {
    const key = `${bridge} ${direction} ${outcome}`;
    this.counts.set(key, this.count(key) + 1);
  }

  loopDetected(): void {
    this.loops++;
  }

  bridgeConnected(bridge: string, connected: boolean): void {
    this.states.set(bridge, connected);
  }

  count(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  isConnected(bridge: string): boolean {
    return this.states.get(bridge) ?? false;
  }
}
