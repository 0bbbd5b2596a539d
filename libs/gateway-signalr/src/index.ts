export { POLL_TIMEOUT_MS, type SignalRConfig } from './signalr.config.js';
export { SignalRGatewayModule } from './signalr.module.js';
export { isHubTarget, ownerOf } from './signalr.paths.js';
