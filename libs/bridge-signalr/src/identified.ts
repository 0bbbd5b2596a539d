/** Which cluster is at the other end of a connection. Deliveries may come before it is known, and have to wait for it. */
export class Identified {
  /** Resolves once it is known; to `undefined` if the connection has ended before. */
  readonly clusterId: Promise<string | undefined>;
  private resolve: (clusterId: string | undefined) => void = () => undefined;

  constructor() {
    this.clusterId = new Promise((resolve) => (this.resolve = resolve));
  }

  /** A second call does nothing. */
  give(clusterId: string | undefined): void {
    this.resolve(clusterId);
  }
}
