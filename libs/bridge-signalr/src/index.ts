import { defineBridge } from '@ringback/bridge-kit';
import { formerly } from '@ringback/settings';
import { bridgeList } from './bridge-list.js';
import { SignalRBridgeModule } from './bridge.module.js';

export { SignalRBridgeModule } from './bridge.module.js';
export { EventHubClient } from './event-hub-client.js';

/** The line for the list of bridges. */
export const signalRBridge = defineBridge({
  name: 'signalr',
  settings: {
    RINGBACK_BRIDGES: formerly(
      'BRIDGES',
      bridgeList({
        doc: 'Other hubs whose events come in (`subscribe`; `subscribeOnDemand` for as long as somebody is subscribed here) and that are told of events of this cluster (`trigger`); see [bridge-signalr.md](bridge-signalr.md). The same on all nodes.',
        absent: 'None.',
        secret: true,
      }),
    ),
  },
  module: ({ RINGBACK_BRIDGES: configs = [] }) => SignalRBridgeModule.forRoot(configs),
});
