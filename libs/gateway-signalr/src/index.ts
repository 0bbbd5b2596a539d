import { defineProtocol } from '@ringback/gateway-kit';
import { SignalRGatewayModule } from './signalr.module.js';
import { GATEWAY } from './signalr.options.js';
import { SETTINGS } from './signalr.settings.js';

export { EventHub } from './event-hub.js';
export { ExtendedHub } from './extended-hub.js';
export { SignalRGatewayModule } from './signalr.module.js';
export type { SignalRModuleOptions, SignalROptions } from './signalr.options.js';

/** The line for the list of protocols. */
export const signalRProtocol = defineProtocol({
  name: GATEWAY,
  settings: SETTINGS,
  reservedPaths: ({ RINGBACK_SIGNALR_PATH: path, RINGBACK_SIGNALR_EVENT_HUB_PATHS: eventHubPaths = [] }) => [
    { setting: 'RINGBACK_SIGNALR_PATH', path },
    ...eventHubPaths.map((eventHubPath) => ({
      setting: 'RINGBACK_SIGNALR_EVENT_HUB_PATHS',
      path: eventHubPath,
    })),
  ],
  module: ({
    RINGBACK_SIGNALR_PATH: path,
    RINGBACK_SIGNALR_EVENT_HUB_PATHS: eventHubPaths = [],
    RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER: eventHubAllowTrigger,
    RINGBACK_SIGNALR_POLL_TIMEOUT_MS: pollTimeoutMs,
  }) => SignalRGatewayModule.forRoot({ path, eventHubPaths, eventHubAllowTrigger, pollTimeoutMs }),
});
