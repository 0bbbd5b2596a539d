import type { Hub } from '@ringback/core';
import type { BridgeParts } from './bridge-parts.js';
import type { BridgeConfig } from './bridge.config.js';
import { SignalRBridge } from './signalr-bridge.js';

/** All bridges of a node. */
export class SignalRBridges {
  private readonly bridges: readonly SignalRBridge[];

  constructor(hub: Hub, configs: readonly BridgeConfig[], parts: BridgeParts) {
    this.bridges = configs.map((config) => new SignalRBridge(hub, config, parts));
  }

  /** To be called once the hub has joined its cluster. Returns at once. */
  start(): void {
    for (const bridge of this.bridges) bridge.start();
  }

  /** Once it resolves, nothing more is carried by this node. To be called before the hub is drained. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.bridges.map((bridge) => bridge.close()));
  }
}
