export { AccessDenied } from './answers.js';
export { SignalREndpoint } from './endpoint.js';
export type { AcceptedConnection, Elsewhere, EndpointOptions, Redirect, TransportName } from './options.js';
export { forwardElsewhere, type Forwarding, type ForwardElsewhereOptions } from './forward-elsewhere.js';
export { wantsEventStream, type RequestFacts } from './request-facts.js';
export type { Timers } from './timers.js';
export { signedTokens, type SignedTokenFactory, type SignedTokensOptions } from './signed-tokens.js';
export { grantsStatefulReconnect, nodeOf, publicIdOf } from './token-text.js';
export {
  randomTokens,
  type AdoptedToken,
  type Granted,
  type IssuedToken,
  type TokenFactory,
} from './tokens.js';
