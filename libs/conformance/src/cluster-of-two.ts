import { afterEach, beforeEach } from '@jest/globals';
import type { NodePorts, PortCluster, PortClusterFactory, PortClusterOptions } from './port-cluster.js';

/** Two nodes over one empty cluster, anew for each test. */
export class ClusterOfTwo {
  here!: NodePorts;
  there!: NodePorts;
  private cluster: PortCluster | undefined;

  constructor(private readonly factory: PortClusterFactory) {
    beforeEach(async () => {
      await this.open();
    });
    afterEach(async () => {
      await this.close();
    });
  }

  get shared(): PortCluster {
    return this.cluster!;
  }

  /** Changes to a cluster with other options. */
  async reopen(options: PortClusterOptions): Promise<void> {
    await this.close();
    await this.open(options);
  }

  private async open(options?: PortClusterOptions): Promise<void> {
    this.cluster = await this.factory(options);
    this.here = await this.cluster.node();
    this.there = await this.cluster.node();
  }

  private async close(): Promise<void> {
    await this.cluster?.close();
    this.cluster = undefined;
  }
}
