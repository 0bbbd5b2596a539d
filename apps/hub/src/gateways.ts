import type { DynamicModule, Type } from '@nestjs/common';
import { HttpGatewayModule } from '@ringback/gateway-http';
import {
  ownerOf as socketIoOwnerOf,
  SocketIoGatewayModule,
  type SocketIoConfig,
} from '@ringback/gateway-socketio';
import {
  isHubTarget,
  ownerOf as signalROwnerOf,
  POLL_TIMEOUT_MS,
  SignalRGatewayModule,
  type SignalRConfig,
} from '@ringback/gateway-signalr';
import type { OwnerForwarderOptions } from '@ringback/platform';
import type { ClusterPorts } from './cluster-ports.js';
import type { Config } from './config.js';

/** Above the time for which a node holds a poll. */
const HEADROOM_MS = 5_000;

type Parts = { readonly config: Config; readonly ports: ClusterPorts };

/** Every protocol that clients may speak: one line each. */
export function gatewayModules(parts: Parts): readonly (DynamicModule | Type)[] {
  return [
    HttpGatewayModule,
    SocketIoGatewayModule.forRoot(socketIoConfig(parts)),
    SignalRGatewayModule.forRoot(signalRConfig(parts)),
  ];
}

/** What of the gateways the forwarder has to know: whose a request is, where upgrades are accepted, who may read refusals, and how long polls are held. */
export function gatewayOwners({
  socketio,
  signalr,
  corsOrigins,
}: Config): Pick<OwnerForwarderOptions, 'owners' | 'acceptsUpgrade' | 'origins' | 'responseMs'> {
  return {
    owners: [
      (request) => socketIoOwnerOf(request, socketio.path),
      (request) => signalROwnerOf(request, signalr),
    ],
    acceptsUpgrade: (target) => pathOf(target) === socketio.path || isHubTarget(target, signalr),
    origins: corsOrigins,
    responseMs: Math.max(socketio.pingIntervalMs + socketio.pingTimeoutMs, POLL_TIMEOUT_MS) + HEADROOM_MS,
  };
}

/** Without query, fragment and slash at its end. */
function pathOf(target: string): string {
  return (target.split(/[?#]/, 1)[0] ?? '').replace(/\/$/, '');
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
