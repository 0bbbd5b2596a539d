import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS } from '@ringback/bridge-kit';
import { Hub, type Credentials, type Log } from '@ringback/core';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { BridgeConfig } from './bridge.config.js';
import { SignalRBridges } from './signalr-bridges.js';

/** Runs the bridges of a node for as long as it serves. Expects the global `RingbackModule`, and what the tokens of bridge-kit stand for. */
@Module({})
export class SignalRBridgeModule implements OnModuleInit {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(SignalRBridges) private readonly bridges: SignalRBridges,
  ) {}

  static forRoot(configs: readonly BridgeConfig[]): DynamicModule {
    const useFactory = (
      hub: Hub,
      credentials: Credentials,
      log: Log,
      metrics: BridgeMetrics,
    ): SignalRBridges => new SignalRBridges(hub, configs, { log, metrics, credentials });
    const inject = [Hub, BRIDGE_CREDENTIALS, BRIDGE_LOG, BRIDGE_METRICS];
    return {
      module: SignalRBridgeModule,
      providers: [{ provide: SignalRBridges, useFactory, inject }],
    };
  }

  onModuleInit(): void {
    const { bridges } = this;
    this.hub.addService({ start: () => bridges.start(), stop: () => bridges.close() });
  }
}
