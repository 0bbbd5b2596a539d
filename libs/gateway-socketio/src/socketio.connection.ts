import { CLIENT_METHODS, CLOSE_REASONS, mayReconnect, type CloseReason } from '@ringback/contract';
import type { Connection, Frame } from '@ringback/core';
import { CLOSING_MS, type EngineLink } from './engine-link.js';
import { socketIoCodec } from './socketio.codec.js';
import type { HubSocket } from './socketio.server.js';

/** The gateway's name in metrics and for operators. */
export const GATEWAY = 'socketio';

/** The write side of one client's place in the namespace `/`. */
export class SocketIoConnection implements Connection {
  readonly gateway = GATEWAY;
  readonly codec = socketIoCodec;
  readonly connectionId: string;
  private reason: CloseReason | undefined;

  constructor(
    private readonly socket: HubSocket,
    private readonly link: EngineLink,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.connectionId = socket.id;
    link.onOverrun = () => this.close(CLOSE_REASONS['slow-consumer']);
  }

  /** Why the hub closed it; `undefined` while it is open and where the client went. */
  get closedFor(): CloseReason | undefined {
    return this.reason;
  }

  /** Whether it still takes commands. */
  get open(): boolean {
    return this.reason === undefined && this.socket.connected;
  }

  get bufferedBytes(): number {
    return this.link.bufferedBytes;
  }

  send(frames: readonly Frame[]): void {
    try {
      this.link.write(frames);
    } catch (error) {
      this.onFault(error);
      this.link.terminate();
    }
  }

  /** Sends an event that is no delivery, or the reply to a command, by `send`; a client that does not read them is closed. */
  answer(send: (socket: HubSocket) => void): void {
    if (!this.open) return;
    send(this.socket);
    this.link.checkRoom();
  }

  close(reason: CloseReason): void {
    if (this.reason) return;
    this.reason = reason;
    if (reason.name === CLOSE_REASONS['slow-consumer'].name) this.terminateLater();
    else this.closeInOrder(reason);
  }

  /** Ends the transport, so that nothing of it outlives the namespace. */
  hangUp(): void {
    this.socket.conn.close();
  }

  /** Not within the caller's turn: the hub may be in the middle of a fan-out. */
  private terminateLater(): void {
    queueMicrotask(() => this.link.terminate());
  }

  private closeInOrder(reason: CloseReason): void {
    const { code, name, message } = reason;
    this.socket.emit(CLIENT_METHODS.close, { code, name, message });
    // Stock clients come back by themselves when the transport closes, not when they are disconnected from the namespace.
    if (mayReconnect(reason)) this.hangUp();
    else this.socket.disconnect(true);
    setTimeout(() => this.link.terminate(), CLOSING_MS).unref();
  }
}
