import type { DynamicModule } from '@nestjs/common';
import { HttpGatewayModule, type HttpConfig } from '@ringback/gateway-http';
import {
  ownerOf as socketIoOwnerOf,
  SocketIoGatewayModule,
  type SocketIoConfig,
} from '@ringback/gateway-socketio';
import {
  ownerOf as signalROwnerOf,
  SignalRGatewayModule,
  type SignalRConfig,
} from '@ringback/gateway-signalr';
import type { OwnerForwarderOptions } from '@ringback/platform';
import type { ClusterPorts } from './cluster-ports.js';
import type { Config } from './config.js';

/** Where SignalR clients may upgrade. On further paths of the event hub they are served by the other transports. */
const SIGNALR_PATHS = ['/hub', '/RealtimeEventPushHub', '/realtimeeventpushhub'];

type Parts = { readonly config: Config; readonly ports: ClusterPorts };

/** Every protocol that clients may speak: one line each. */
export function gatewayModules(parts: Parts): readonly DynamicModule[] {
  return [
    HttpGatewayModule.forRoot(httpConfig(parts)),
    SocketIoGatewayModule.forRoot(socketIoConfig(parts)),
    SignalRGatewayModule.forRoot(signalRConfig(parts)),
  ];
}

/** What of the gateways the forwarder has to know: whose a request is, where upgrades are accepted, and who may read refusals. */
export function gatewayOwners({
  socketio,
  corsOrigins,
}: Config): Pick<OwnerForwarderOptions, 'owners' | 'upgradePaths' | 'origins'> {
  return {
    owners: [(request) => socketIoOwnerOf(request, socketio.path), (request) => signalROwnerOf(request)],
    upgradePaths: [socketio.path, ...SIGNALR_PATHS],
    origins: corsOrigins,
  };
}

function httpConfig({ config: { corsOrigins } }: Parts): HttpConfig {
  return corsOrigins === undefined ? {} : { corsOrigins };
}

function socketIoConfig({
  config: { socketio, corsOrigins },
  ports: { socketIoAdapter },
}: Parts): SocketIoConfig {
  return {
    ...socketio,
    ...(corsOrigins !== undefined && { cors: corsOrigins }),
    ...(socketIoAdapter && { adapter: socketIoAdapter }),
  };
}

function signalRConfig({ config: { signalr, corsOrigins } }: Parts): SignalRConfig {
  return { ...signalr, ...(corsOrigins !== undefined && { cors: corsOrigins }) };
}
