/** What stands in a signed connection token, in the open. Whether it is true, only the signature tells. */
export interface TokenText {
  /** The node where it was negotiated. */
  readonly nodeId: string;
  readonly id: string;
  readonly statefulReconnect: boolean;
  /** The client speaks negotiate version 0: its connection id is the token. */
  readonly idIsToken: boolean;
  /** To the second, in the time of the calendar. */
  readonly expiresAtMs: number;
}

const pattern = /^([\w-]{1,64})\.([\w-]{22})\.([0-3])([0-9a-z]{1,8})\.[\w-]{43}$/;
const reconnectBit = 1;
const idIsTokenBit = 2;
const secondMs = 1000;

/** All of a token but its signature. */
export function unsignedText({ nodeId, id, statefulReconnect, idIsToken, expiresAtMs }: TokenText): string {
  const flags = (statefulReconnect ? reconnectBit : 0) + (idIsToken ? idIsTokenBit : 0);
  return `${nodeId}.${id}.${flags}${Math.ceil(expiresAtMs / secondMs).toString(36)}`;
}

/** Undefined for what no `signedTokens` has issued. */
export function parseToken(connectionToken: string): TokenText | undefined {
  const [, nodeId, id, flags, seconds] = pattern.exec(connectionToken) ?? [];
  if (nodeId === undefined || id === undefined || flags === undefined || seconds === undefined)
    return undefined;
  return {
    nodeId,
    id,
    statefulReconnect: (Number(flags) & reconnectBit) !== 0,
    idIsToken: (Number(flags) & idIsTokenBit) !== 0,
    expiresAtMs: Number.parseInt(seconds, 36) * secondMs,
  };
}

/** The node where a signed token says that it was negotiated; not verified, so good for routing only. */
export function nodeOf(connectionToken: string): string | undefined {
  return parseToken(connectionToken)?.nodeId;
}

/** Whether a signed token says that stateful reconnect was granted: then its client may come back with it, to its own node only. Not verified. */
export function grantsStatefulReconnect(connectionToken: string): boolean {
  return parseToken(connectionToken)?.statefulReconnect ?? false;
}

/** As much of a connection id as others may see: with negotiate version 0 it is a token, which would let them in. */
export function publicIdOf(connectionId: string): string {
  return parseToken(connectionId)?.id ?? connectionId;
}
