import type { Limits } from '@ringback/contract';
import type { EndpointOptions, ServerSettings } from '@ringback/signalr';

/** How long a client may take to close: less than a node that stops waits for its HTTP server. */
const CLOSE_TIMEOUT_MS = 2_000;

const MEBIBYTE = 1024 * 1024;

/** Beside the data: the eventguid, labels, and what belongs to the message. */
const HEADROOM_BYTES = 16 * 1024;

/** JSON escapes a byte with up to six characters: `\u0000`. */
const MAX_ESCAPED_BYTES = 6;

/** Limits of what a client sends and leaves unread; what is delivered to it is bounded by the hub's own outbox before. */
export function serverLimits(limits: Limits): Omit<ServerSettings, 'protocols'> {
  const maxMessageBytes = messageBytes(limits);
  return {
    maxMessageBytes,
    handshakeTimeoutMs: limits.connectTimeoutMs,
    // The window of the gateway kit comes first; this is for clients that go on sending although they are paused.
    maxHeldBytes: 2 * limits.commandBytesPerConnection + inboundBytes(limits),
    parallelInvocations: limits.commandsPerConnection + limits.commandsPerTurn,
    maxOutgoingBytes: 2 * limits.outboxBytes + MEBIBYTE,
    statefulBufferBytes: limits.outboxBytes, // nothing waits for an Ack here: the outbox is the bound
  };
}

/** The same of the transports. */
export function endpointLimits(
  limits: Limits,
): Pick<EndpointOptions, 'maxInboundBytes' | 'maxBufferedBytes' | 'maxConnections' | 'closeTimeoutMs'> {
  return {
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    maxInboundBytes: inboundBytes(limits),
    maxBufferedBytes: 4 * limits.outboxBytes + MEBIBYTE,
    maxConnections: limits.connectionsPerNode + limits.pendingConnections,
  };
}

/** Longest WebSocket frame and POST body. */
function inboundBytes(limits: Limits): number {
  return Math.max(MEBIBYTE, 2 * messageBytes(limits));
}

/** Longest message: data at their limit fit however they are escaped, and those just above it get an answer with a code. */
function messageBytes({ dataBytes, cookieBytes }: Limits): number {
  return MAX_ESCAPED_BYTES * (dataBytes + cookieBytes) + HEADROOM_BYTES;
}
