export { AccessDenied } from './answers.js';
export { SignalREndpoint } from './endpoint.js';
export type { AcceptedConnection, Elsewhere, EndpointOptions, Redirect, TransportName } from './options.js';
export type { RequestFacts } from './request-facts.js';
export type { Timers } from './timers.js';
export { randomTokens, type AdoptedToken, type IssuedToken, type TokenFactory } from './tokens.js';
