/**
 * What became of an envelope: taken by the other side; `cut` because it comes from there; `echo` of what the bridge had triggered itself; `broken` as a
 * loop; `refused` by the other side, or not to be carried; `overrun` where more came than the local hub took; `gap` where the remote hub has lost some.
 */
export type Outcome = 'passed' | 'cut' | 'echo' | 'broken' | 'refused' | 'overrun' | 'gap';

/** What bridges count. */
export interface BridgeMetrics {
  /** `in` comes from the remote hub, `out` goes there. */
  carried(bridge: string, direction: 'in' | 'out', outcome: Outcome): void;
  /** Whether this node holds the connection of the bridge, and it is up. */
  bridgeConnected(bridge: string, connected: boolean): void;
}
