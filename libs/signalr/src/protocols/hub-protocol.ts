import type { HubMessage } from './messages.js';

export type TransferFormat = 'Text' | 'Binary';

/** Bytes or text ready to be written: text for a text protocol, bytes for a binary one. One or more whole messages. */
export type Payload = string | Uint8Array;

/** Bytes as text, one character a byte (latin1): put together without a copy, and written as they are. */
export type ByteText = string;

/** Cuts the inbound bytes of one connection into messages and reads them. Holds at most one incomplete message. */
export interface MessageReader {
  /**
   * Takes the next bytes and answers the messages that are complete by now, in order; unknown types are left out. Throws `ProtocolError`
   * for what cannot be read, after which the connection is over: also for a message longer than `maxMessageBytes`, as soon as that can be told.
   */
  read(bytes: Uint8Array): readonly HubMessage[];
}

/** How hub messages are written: a name that the handshake picks, and a codec. */
export interface HubProtocol {
  readonly name: 'json' | 'messagepack';
  readonly transferFormat: TransferFormat;
  /** Highest version that it reads. */
  readonly version: number;
  reader(maxMessageBytes: number): MessageReader;
  /** One message, framed. */
  write(message: HubMessage): Payload;
}

/** The other side does not keep to the protocol. The message is what .NET says, shown to clients only with detailed errors. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
