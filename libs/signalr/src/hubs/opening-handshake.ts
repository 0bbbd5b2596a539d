import type { ClientConnection } from '../client-connection.js';
import {
  chooseProtocol,
  HANDSHAKE_CANCELED,
  HandshakeReader,
  writeHandshakeAnswer,
  type HandshakeFailure,
} from '../protocols/handshake.js';
import type { HubProtocol } from '../protocols/hub-protocol.js';
import type { HubOptions } from './hub-options.js';
import type { Cancel } from '../timers.js';

/** What client and server have agreed upon. */
export interface Agreement {
  readonly protocol: HubProtocol;
  /** The client numbers its messages and may come back on another socket. */
  readonly stateful: boolean;
}

/** A transport that waits for a client whose socket is lost. Optional, for transports of one's own. */
interface ReconnectableConnection extends ClientConnection {
  disableReconnect(): void;
}

const isReconnectable = (connection: ClientConnection): connection is ReconnectableConnection =>
  connection.statefulReconnect && 'disableReconnect' in connection;

/** Who learns how a handshake ended. One of the two, once. */
export interface HandshakeOwner {
  onAgreed(agreement: Agreement): void;
  /** The client has been told. */
  onRefused(): void;
}

const statefulVersion = 2;

/** The first message of a client, and the answer to it. */
export class OpeningHandshake {
  private readonly reader: HandshakeReader;
  private readonly cancel: Cancel;
  private over = false;

  constructor(
    private readonly connection: ClientConnection,
    private readonly options: HubOptions,
    private readonly owner: HandshakeOwner,
  ) {
    this.reader = new HandshakeReader(options.maxMessageBytes);
    this.cancel = options.timers.after(options.handshakeTimeoutMs, () =>
      this.refuse({ error: HANDSHAKE_CANCELED }),
    );
  }

  /** Answers what stands behind the handshake, once that is agreed. */
  read(bytes: Uint8Array): Uint8Array | undefined {
    if (this.over) return undefined;
    const received = this.reader.read(bytes);
    if (received === undefined) return undefined;
    if ('error' in received) return this.refuse(received);
    const { request, rest } = received;
    const chosen = chooseProtocol(request, this.options.protocols, this.connection.transferFormats);
    if ('error' in chosen) return this.refuse(chosen);
    const stateful = this.connection.statefulReconnect && request.version >= statefulVersion;
    this.agree({ protocol: chosen.protocol, stateful });
    return rest;
  }

  /** The transport is gone. */
  stop(): void {
    this.over = true;
    this.cancel();
  }

  private agree(agreement: Agreement): void {
    this.stop();
    const { transferFormat } = agreement.protocol;
    if (!agreement.stateful && isReconnectable(this.connection)) this.connection.disableReconnect();
    this.connection.setFormat(transferFormat);
    this.connection.send([writeHandshakeAnswer(transferFormat)]);
    this.owner.onAgreed(agreement);
  }

  private refuse({ error, detail }: HandshakeFailure): undefined {
    if (this.over) return undefined;
    this.stop();
    const text = detail !== undefined && this.options.detailedErrors ? `${error} ${detail}` : error;
    this.connection.send([writeHandshakeAnswer('Text', text)]);
    this.owner.onRefused();
    return undefined;
  }
}
