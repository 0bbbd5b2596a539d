import { defineProtocol } from '@ringback/gateway-kit';
import { pageClient } from './page-client.js';
import { SocketIoGatewayModule } from './socketio.module.js';
import { SOCKETIO_SETTINGS } from './socketio.settings.js';
import { useSocketIo } from './use-socketio.js';

export type { ClientCommand } from './client-message.js';
export { CommandPipe } from './command.pipe.js';
export { RingbackIoAdapter } from './ringback-io.adapter.js';
export { SocketIoGateway } from './socketio.gateway.js';
export { SocketIoGatewayModule, type SocketIoModuleOptions } from './socketio.module.js';
export type { SocketIoOptions } from './socketio.options.js';
export type { HubServer, HubSocket } from './socketio.types.js';
export { useSocketIo } from './use-socketio.js';

/** The line for the list of protocols. */
export const socketIoProtocol = defineProtocol({
  name: 'socketio',
  settings: SOCKETIO_SETTINGS,
  reservedPaths: ({ RINGBACK_SOCKETIO_PATH: path }) => [{ setting: 'RINGBACK_SOCKETIO_PATH', path }],
  configure: (app) => useSocketIo(app),
  pageClient: ({ RINGBACK_SOCKETIO_PATH: path }) => pageClient(path),
  module: (values) =>
    SocketIoGatewayModule.forRoot({
      path: values.RINGBACK_SOCKETIO_PATH,
      pingIntervalMs: values.RINGBACK_SOCKETIO_PING_INTERVAL_MS,
      pingTimeoutMs: values.RINGBACK_SOCKETIO_PING_TIMEOUT_MS,
    }),
});
