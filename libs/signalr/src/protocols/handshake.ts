import type { HubProtocol, Payload, TransferFormat } from './hub-protocol.js';
import { ProtocolError } from './hub-protocol.js';
import { missing, optionalString, requiredInteger, type Envelope } from './json-envelope.js';
import { parseObject } from './json-text.js';
import { RECORD_SEPARATOR } from './json-writer.js';
import { HeldBytes } from './message-reader.js';

const SEPARATOR_BYTE = RECORD_SEPARATOR.charCodeAt(0);

/** Nothing valid in time, or too much without an end. */
export const HANDSHAKE_CANCELED = 'Handshake was canceled.';
const UNEXPECTED_ERROR = 'An unexpected error occurred during connection handshake.';

/** The first message of a client: always JSON, whatever it asks for. */
export interface HandshakeRequest {
  readonly protocol: string;
  readonly version: number;
}

/** What a client is told before the transport is ended. */
export interface HandshakeFailure {
  readonly error: string;
  /** Follows `error` after a space, with detailed errors only. */
  readonly detail?: string;
}

export interface HandshakeReceived {
  readonly request: HandshakeRequest;
  /** The beginning of what follows; a copy. */
  readonly rest: Uint8Array;
}

/** Takes bytes until the first message is whole. Used up by its first answer. */
export class HandshakeReader {
  private readonly held = new HeldBytes();

  constructor(private readonly maxMessageBytes: number) {}

  /** `undefined` while the request is incomplete. Never throws. */
  read(bytes: Uint8Array): HandshakeReceived | HandshakeFailure | undefined {
    const searched = this.held.length;
    const all = this.held.followedBy(bytes);
    const end = all.indexOf(SEPARATOR_BYTE, searched);
    const messageBytes = (end < 0 ? all.length : end) + 1;
    if (messageBytes > this.maxMessageBytes) return { error: HANDSHAKE_CANCELED };
    if (end >= 0) return received(all, end);
    this.held.hold(all, 0);
    return undefined;
  }
}

/** The protocol that the request asks for, if the server and the transport have it. Names are compared without regard to case. */
export function chooseProtocol(
  request: HandshakeRequest,
  protocols: readonly HubProtocol[],
  transferFormats: readonly TransferFormat[],
): { readonly protocol: HubProtocol } | HandshakeFailure {
  const { protocol: name, version } = request;
  const protocol = protocols.find((known) => known.name === name.toLowerCase());
  if (protocol === undefined) return { error: `The protocol '${name}' is not supported.` };
  if (version > protocol.version) {
    return { error: `The server does not support version ${version} of the '${name}' protocol.` };
  }
  if (!transferFormats.includes(protocol.transferFormat)) return { error: wrongFormat(protocol) };
  return { protocol };
}

/** The answer, as the transport is to carry it: empty if all is well, never with a null error. */
export function writeHandshakeAnswer(format: TransferFormat, error?: string): Payload {
  const text = JSON.stringify(error ? { error } : {}) + RECORD_SEPARATOR;
  return format === 'Text' ? text : Buffer.from(text);
}

function received(all: Uint8Array, end: number): HandshakeReceived | HandshakeFailure {
  try {
    const request = toRequest(parseObject(all.subarray(0, end)));
    return { request, rest: new Uint8Array(all.subarray(end + 1)) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { error: UNEXPECTED_ERROR, detail: `InvalidDataException: ${error.message}` };
  }
}

function toRequest(envelope: Envelope): HandshakeRequest {
  const protocol = optionalString(envelope, 'protocol');
  if (protocol === undefined) throw missing('protocol');
  return { protocol, version: requiredInteger(envelope, 'version') };
}

function wrongFormat({ name, transferFormat }: HubProtocol): string {
  return (
    `Cannot use the '${name}' protocol on the current transport. ` +
    `The transport does not support '${transferFormat}' transfer format.`
  );
}
