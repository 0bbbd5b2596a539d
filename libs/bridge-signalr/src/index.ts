export type { BridgeConfig } from './bridge.config.js';
export { SignalRBridgeModule } from './bridge.module.js';
export { EventHubClient } from './event-hub-client.js';
export { SignalRBridges } from './signalr-bridges.js';
