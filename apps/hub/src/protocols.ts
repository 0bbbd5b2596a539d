import type { ProtocolDefinition } from '@ringback/gateway-kit';
import { fubuProtocol } from '@ringback/gateway-fubu';
import { httpProtocol } from '@ringback/gateway-http';
import { signalRProtocol } from '@ringback/gateway-signalr';
import { socketIoProtocol } from '@ringback/gateway-socketio';
import { sseProtocol } from '@ringback/gateway-sse';

/** Every protocol that clients may speak: one line each. Settings, paths, forwarding, documentation and the page at `/` follow from this list. */
export const PROTOCOLS: readonly ProtocolDefinition[] = [
  httpProtocol,
  socketIoProtocol,
  signalRProtocol,
  sseProtocol,
  fubuProtocol,
];
