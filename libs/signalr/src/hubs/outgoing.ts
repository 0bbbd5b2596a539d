import type { ClientConnection } from '../client-connection.js';
import type { ByteText, Payload } from '../protocols/hub-protocol.js';

/** The way out of one connection. */
export interface Outgoing {
  /**
   * Messages of the types 1 to 5, one a payload. What is answered settles when there is room for more; nothing is answered when there is.
   */
  send(payloads: readonly Payload[]): Promise<void> | undefined;
  /** Several messages of those types, ready as bytes. */
  sendBytes(messages: readonly ByteText[]): void;
  /** A message that is never repeated: Ping, Close, Ack, Sequence. */
  sendUncounted(payload: Payload): void;
  /** Bytes that the client is not known to have, those in the transport included. */
  readonly unsentBytes: number;
  /** Lets go of everything; whoever waits goes on. */
  close(): void;
}

/** Straight to the transport. */
export class DirectOutgoing implements Outgoing {
  constructor(private readonly connection: ClientConnection) {}

  get unsentBytes(): number {
    return this.connection.bufferedBytes;
  }

  send(payloads: readonly Payload[]): undefined {
    this.connection.send(payloads);
  }

  sendBytes(messages: readonly ByteText[]): void {
    this.connection.sendBytes(messages);
  }

  sendUncounted(payload: Payload): void {
    this.connection.send([payload]);
  }

  close(): void {}
}

/** Bytes on the wire. */
export const payloadBytes = (payload: Payload): number =>
  typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
