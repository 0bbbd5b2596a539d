import type { Hub } from '@ringback/core';
import { BridgeLoopGuard } from './bridge-loop-guard.js';
import type { BridgeParts } from './bridge-parts.js';
import type { BridgeConfig } from './bridge.config.js';
import { SignalRBridge } from './signalr-bridge.js';
import { SubscribedEvents } from './subscribed-events.js';

/** All bridges of a node; also where there is none, triggers that come round over those of other clusters are recognised. */
export class SignalRBridges {
  private readonly bridges: readonly SignalRBridge[];

  constructor(hub: Hub, configs: readonly BridgeConfig[], parts: BridgeParts) {
    hub.addTriggerGuard(new BridgeLoopGuard(hub, parts));
    const subscribed = new SubscribedEvents(hub);
    this.bridges = configs.map((config) => new SignalRBridge(hub, config, parts, subscribed));
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
