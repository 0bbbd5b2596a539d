import { Module, type DynamicModule } from '@nestjs/common';
import { Hub } from '@ringback/core';
import type { BridgeParts } from './bridge-parts.js';
import type { BridgeConfig } from './bridge.config.js';
import { SignalRBridges } from './signalr-bridges.js';

/** Provides the bridges of a node, which whoever starts the hub starts after it and closes before it. Wants `Hub` from a global module. */
@Module({})
export class SignalRBridgeModule {
  static forRoot(configs: readonly BridgeConfig[], parts: BridgeParts): DynamicModule {
    const useFactory = (hub: Hub): SignalRBridges => new SignalRBridges(hub, configs, parts);
    return {
      module: SignalRBridgeModule,
      providers: [{ provide: SignalRBridges, useFactory, inject: [Hub] }],
      exports: [SignalRBridges],
    };
  }
}
