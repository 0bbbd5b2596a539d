export { HubEndpoints } from './hub-endpoints.js';
export { HubMethod, type HubMethodOptions, type TypedHubContext } from './hub-method.decorator.js';
export {
  SignalRHub,
  type HubInvocation,
  type HubLifecycle,
  type SignalRHubOptions,
} from './signalr-hub.decorator.js';
export { SignalRModule, type SignalRAsyncSettings } from './signalr.module.js';
export type { SignalRSettings } from './signalr.settings.js';
