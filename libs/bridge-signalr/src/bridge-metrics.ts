/**
 * What became of an envelope: `accepted` by the other side; a `loop`, as it comes from there; an `echo` of what the bridge triggered itself; `rate_limited`,
 * as the same came too often; `rejected` by the other side, or not to be carried; an `overflow`, as more came than the local hub took; `gap` where the
 * remote hub has lost some.
 */
export type Outcome = 'accepted' | 'loop' | 'echo' | 'rate_limited' | 'rejected' | 'overflow' | 'gap';

/** What bridges count. */
export interface BridgeMetrics {
  /** `in` comes from the remote hub, `out` goes there. */
  carried(bridge: string, direction: 'in' | 'out', outcome: Outcome): void;
  /** A trigger was first made in this cluster and has come round: it was not published again. */
  loopDetected(): void;
  /** Whether this node holds the connection of the bridge, and it is up. */
  bridgeConnected(bridge: string, connected: boolean): void;
}
