/** What a hub counts. Called on hot paths: must be quick and must not throw. */
export interface HubMetrics {
  connected(transport: string, protocol: string): void;
  disconnected(transport: string, protocol: string): void;
  handshakeFailed(transport: string): void;
  /** One finished call of a method. Unknown names are counted as `(unknown)`, so that clients cannot invent labels. */
  invoked(method: string, durationMs: number, succeeded: boolean): void;
  /** One message for `receivers` connections of this node. */
  sent(receivers: number): void;
}

/** Counts nothing. */
export const noMetrics: HubMetrics = {
  connected: () => {},
  disconnected: () => {},
  handshakeFailed: () => {},
  invoked: () => {},
  sent: () => {},
};
