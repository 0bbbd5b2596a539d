export type { ClientConnection, ConnectionListener, OpeningRequest } from './client-connection.js';
export * from './hubs/index.js';
export * from './protocols/index.js';
export {
  AccessDenied,
  randomTokens,
  SignalREndpoint,
  type AcceptedConnection,
  type AdoptedToken,
  type Elsewhere,
  type EndpointOptions,
  type IssuedToken,
  type Redirect,
  type RequestFacts,
  type TokenFactory,
  type TransportName,
} from './transports/index.js';
