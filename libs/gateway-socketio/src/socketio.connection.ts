import { CLIENT_METHODS, CLOSE_REASONS, type CloseReason } from '@ringback/contract';
import type { Frame } from '@ringback/core';
import { GatewayConnection, type InboundQueue } from '@ringback/gateway-kit';
import { CLOSE_TIMEOUT_MS, type EngineIoTransport, type TransportOwner } from './engine-io-transport.js';
import { socketIoCodec } from './socketio.codec.js';
import { GATEWAY } from './socketio.options.js';
import type { HubSocket } from './socketio.types.js';

/** The write side of one client in the namespace `/`. */
export class SocketIoConnection extends GatewayConnection implements TransportOwner {
  readonly gateway = GATEWAY;
  readonly codec = socketIoCodec;
  readonly connectionId: string;
  override readonly inbound: InboundQueue | undefined;

  constructor(
    private readonly socket: HubSocket,
    private readonly transport: EngineIoTransport,
    reportError: (error: unknown) => void,
    private readonly pollBufferBytes?: number,
  ) {
    super(reportError);
    this.connectionId = socket.id;
    this.inbound = transport.inbound?.queue;
    transport.owner = this;
  }

  override get open(): boolean {
    return super.open && this.socket.connected;
  }

  get bufferedBytes(): number {
    return this.transport.bufferedBytes;
  }

  get maxBufferedBytes(): number | undefined {
    return this.transport.isPolling ? this.pollBufferBytes : undefined;
  }

  /** Sends what is no delivery, by `send`, while the connection is open; a client that does not read is closed. */
  respond(send: (socket: HubSocket) => void): void {
    if (!this.open) return;
    send(this.socket);
    this.transport.checkBackpressure();
  }

  onOverflow(): void {
    this.close(CLOSE_REASONS['slow-consumer']);
  }

  /** Ends the transport, so that nothing of it outlives the namespace. */
  closeTransport(): void {
    this.socket.conn.close();
  }

  protected write(frames: readonly Frame[]): void {
    this.transport.write(frames);
  }

  protected closeGracefully({ code, name, message }: CloseReason, mayReconnect: boolean): void {
    this.socket.emit(CLIENT_METHODS.close, { code, name, message });
    // Stock clients come back by themselves when the transport closes, not when they are disconnected from the namespace.
    if (mayReconnect) this.closeTransport();
    else this.socket.disconnect(true);
    setTimeout(() => this.abort(), CLOSE_TIMEOUT_MS).unref();
  }

  protected abort(): void {
    this.transport.terminate();
  }
}
