export type { SignalRConfig } from './signalr.config.js';
export { SignalRGatewayModule } from './signalr.module.js';
export { ownerOf } from './signalr.paths.js';
