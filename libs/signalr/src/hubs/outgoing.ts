import type { ClientConnection } from '../client-connection.js';
import type { Payload } from '../protocols/hub-protocol.js';

/** The way out of one connection. */
export interface Outgoing {
  /** A message of the types 1 to 5. What is answered settles when there is room for more; nothing is answered when there is. */
  send(payload: Payload): Promise<void> | undefined;
  /** A message that is never repeated: Ping, Close, Ack, Sequence. */
  sendUncounted(payload: Payload): void;
  /** Bytes that wait here, beyond those in the transport. */
  readonly waitingBytes: number;
  /** Lets go of everything; whoever waits goes on. */
  close(): void;
}

/** Straight to the transport. */
export class DirectOutgoing implements Outgoing {
  readonly waitingBytes = 0;

  constructor(private readonly connection: ClientConnection) {}

  send(payload: Payload): undefined {
    this.connection.send([payload]);
  }

  sendUncounted(payload: Payload): void {
    this.connection.send([payload]);
  }

  close(): void {}
}

/** Bytes on the wire. */
export const payloadBytes = (payload: Payload): number =>
  typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
