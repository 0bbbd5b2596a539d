export { parseMDrivenSubscribe } from './mdriven-cookie.js';
export { answerPings, type PingedSocket } from './answer-pings.js';
export { ClientSession } from './client-session.js';
export { closeReasonOf } from './close-reason-of.js';
export {
  CommandQueue,
  type CommandOrder,
  type CommandQueueOptions,
  type CommandTask,
} from './command-queue.js';
export { InboundControl } from './inbound-control.js';
export type { InboundHub } from './inbound-node.js';
export { InboundQueue, type InboundWork } from './inbound-queue.js';
export { paceEnds } from './pace-ends.js';
export { paceReads, type PacedSocket } from './pace-reads.js';
export type { InboundSource } from './read-gate.js';
export { ConnectionRegistry } from './connection-registry.js';
export { ForwardedLinks, type ForwardedLinksParts } from './forwarded-links.js';
export { maxPollBufferBytes } from './poll-buffer.js';
export { GatewayConnection } from './gateway-connection.js';
export { publicPeerAddress, type ClientAddress } from './client-address.js';
export { HttpRouter, type HttpRouterOptions } from './http-router.js';
export { NodeForwarder, type ForwardedLink, type NodeForwarderOptions } from './node-forwarder.js';
export { EventStreamConnection, type EventStreamOptions } from './event-stream/event-stream-connection.js';
export { inTurn } from './event-stream/in-turn.js';
export {
  openResponse,
  sendAwayForGood,
  sendBack,
  spread,
  wantsStream,
} from './event-stream/stream-response.js';
export { dataLines, eventLine, eventLines, STREAM_EVENTS, utf8 } from './event-stream/stream-text.js';
export { defineProtocol, type ProtocolDefinition, type ReservedPath } from './protocol-definition.js';
export type { ProtocolMount, RoutedRequest } from './protocol-mount.js';
export { isSamePath, parseTarget, type RequestTarget } from './request-target.js';
export { parseSessionRequest, type RequestedSession } from './session-request.js';
export { CHANNELS } from './tokens.js';
