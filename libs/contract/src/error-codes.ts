/** What one error code means, wherever it comes from. */
export interface ErrorCodeEntry {
  /** What happened, for a person. */
  readonly meaning: string;
  /** What a client does about it. */
  readonly advice: string;
  /** Whether the same request may succeed later without being changed. */
  readonly temporary: boolean;
}

/**
 * Every error code of every protocol. A code is stable: its meaning never changes and it is never reused.
 * `docs/errors.md` is generated from this table.
 */
export const ERROR_CODES = {
  'bad-request': {
    meaning:
      'The request is malformed: a wrong type, a wrong number of arguments, an unknown option, or broken JSON.',
    advice: 'Correct the request; the message names the part.',
    temporary: false,
  },
  'bad-eventguid': {
    meaning:
      'The eventguid is empty, longer than 256 bytes of UTF-8, or holds control characters or lone surrogates.',
    advice: 'Use another eventguid.',
    temporary: false,
  },
  'unknown-method': {
    meaning: 'The protocol has no such method.',
    advice: 'See the page of the protocol for the methods it has.',
    temporary: false,
  },
  unauthorized: {
    meaning: 'The credentials are missing or not valid.',
    advice: 'Get a new token, then connect again.',
    temporary: false,
  },
  forbidden: {
    meaning: 'The identity may not do this.',
    advice: 'Ask whoever operates the hub.',
    temporary: false,
  },
  'not-found': {
    meaning: 'There is no such path, event, subscription or connection.',
    advice: 'Check the identifier; what was there may have ended.',
    temporary: false,
  },
  'method-not-allowed': {
    meaning: 'The path exists, but not with this HTTP method.',
    advice: 'The Allow header names the methods.',
    temporary: false,
  },
  'misdirected-request': {
    meaning: 'The request names a host under which the node is not served.',
    advice: 'Use a name that the node is served under, or have it allowed there.',
    temporary: false,
  },
  'cookie-too-large': {
    meaning: 'The cookie is longer than the hub accepts.',
    advice: 'Keep the content elsewhere and leave a reference as the cookie.',
    temporary: false,
  },
  'data-too-large': {
    meaning: 'The data of a trigger, or the request that carries it, is longer than the hub accepts.',
    advice: 'Store the content elsewhere and send a reference.',
    temporary: false,
  },
  'unsupported-media-type': {
    meaning: 'The content type of the request body is not one that the hub reads.',
    advice: 'Send application/json, text/plain or a CloudEvent.',
    temporary: false,
  },
  'too-many-subscriptions': {
    meaning: 'The connection holds as many subscriptions as one connection may.',
    advice: 'Unsubscribe from events that are not needed, or open another connection.',
    temporary: false,
  },
  'node-subscription-limit': {
    meaning: 'The node holds as many subscriptions as it may.',
    advice: 'Connect again after a while; another node may have room.',
    temporary: true,
  },
  'too-many-commands': {
    meaning: 'The connection has more commands waiting for a reply than the hub accepts.',
    advice: 'Wait for replies before sending more.',
    temporary: true,
  },
  'too-many-connections': {
    meaning: 'The node holds as many connections as it may.',
    advice: 'Connect again after a while; another node may have room.',
    temporary: true,
  },
  'too-many-events': {
    meaning: 'The hub keeps all in its memory, and knows as many events as it may.',
    advice: 'Try again later: an event that nobody uses is forgotten. A hub with Redis has no such limit.',
    temporary: true,
  },
  'memory-full': {
    meaning: 'The hub keeps all in its memory, and remembers as many keys of triggers as it may.',
    advice: 'Try again later, or without a key. A hub with Redis has no such limit.',
    temporary: true,
  },
  'offline-session-limit': {
    meaning: 'The cluster has reached its limit of sessions of durable subscribers who are offline.',
    advice: 'Unsubscribe durable subscribers that are not needed; unused sessions expire automatically.',
    temporary: true,
  },
  'durable-bytes-limit': {
    meaning: 'The durable subscribers of the identity keep as much in the cluster as they may.',
    advice:
      'Unsubscribe from events that are not needed, or keep shorter cookies; sessions that nobody comes back to expire automatically.',
    temporary: true,
  },
  'too-many-prepared-streams': {
    meaning: 'The node has prepared as many event streams as it may that nobody has opened yet.',
    advice: 'Open those that are prepared, or try again after a while: one that is not opened is forgotten.',
    temporary: true,
  },
  'transport-session-not-found': {
    meaning: 'The transport session that the request names has ended, or its node has.',
    advice: 'Open a new connection and subscribe again with the last positions.',
    temporary: false,
  },
  'node-unavailable': {
    meaning: 'The node that holds the transport session cannot be reached at the moment.',
    advice: 'Try again; if it goes on, connect anew.',
    temporary: true,
  },
  'relay-unavailable': {
    meaning:
      'The relay between the nodes did not answer in time. Whether a trigger was accepted is not known.',
    advice: 'Repeat it with the same key: it is then accepted once.',
    temporary: true,
  },
  'cluster-refuses-writes': {
    meaning:
      'The Redis of the cluster refuses writes: it is full, cannot persist, is a replica, lacks replicas, or has taken rights away. Nothing of the request was done.',
    advice: 'Try again later; whoever operates the hub has to mend Redis, the message has its word.',
    temporary: true,
  },
  'issuer-unavailable': {
    meaning:
      'The token cannot be checked at the moment: the key that it names is not known, and whoever issues tokens does not tell its keys now.',
    advice: 'Connect again with the same token after a while.',
    temporary: true,
  },
  draining: {
    meaning: 'The node is about to stop and takes no new work.',
    advice: 'Connect again; another node answers.',
    temporary: true,
  },
  closed: {
    meaning: 'The connection was closed before the reply came.',
    advice: 'Repeat the request on a new connection.',
    temporary: true,
  },
  timeout: {
    meaning: 'The hub did not reply within the time that the client allows.',
    advice: 'Repeat the request; give a trigger a key so that it is accepted once.',
    temporary: true,
  },
  internal: {
    meaning: 'The hub has a fault of its own; its log has the details.',
    advice: 'Report it with the time and the node.',
    temporary: true,
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
