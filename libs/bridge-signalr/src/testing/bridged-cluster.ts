import { waitFor } from '@ringback/conformance';
import { MemoryCluster } from '@ringback/memory';
import type { SignalRBridge } from '../signalr-bridge.js';
import { BridgingNode } from './bridging-node.js';
import { ForeignEventHub } from './foreign-event-hub.js';

/** A cluster in memory whose nodes have bridges, and a three-string hub for them to lead to. For specs. */
export class BridgedCluster {
  readonly cluster = new MemoryCluster();
  private readonly nodes: BridgingNode[] = [];

  private constructor(readonly remote: ForeignEventHub) {}

  static async open(): Promise<BridgedCluster> {
    return new BridgedCluster(await ForeignEventHub.start());
  }

  /** Where the three-string hub is. */
  get place(): { readonly kind: 'event-hub'; readonly url: string } {
    return { kind: 'event-hub', url: this.remote.url };
  }

  /** One more node, of this cluster unless another is said. */
  async start(within = this.cluster): Promise<BridgingNode> {
    const node = await BridgingNode.start(within);
    this.nodes.push(node);
    return node;
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.close();
    await this.remote.close();
  }
}

export async function connected(bridge: SignalRBridge): Promise<void> {
  await waitFor(() => bridge.connected, 'the bridge');
}
