export type { ClientConnection, ConnectionListener, OpeningRequest } from './client-connection.js';
export * from './hubs/index.js';
export * from './protocols/index.js';
export {
  AccessDenied,
  forwardElsewhere,
  grantsStatefulReconnect,
  nodeOf,
  publicIdOf,
  randomTokens,
  SignalREndpoint,
  signedTokens,
  wantsEventStream,
  type AcceptedConnection,
  type AdoptedToken,
  type Elsewhere,
  type EndpointOptions,
  type Forwarding,
  type ForwardElsewhereOptions,
  type Granted,
  type IssuedToken,
  type Redirect,
  type RequestFacts,
  type SignedTokenFactory,
  type SignedTokensOptions,
  type TokenFactory,
  type TransportName,
} from './transports/index.js';
