import { CLIENT_METHODS, CLOSE_REASONS, mayReconnect, type CloseReason } from '@ringback/contract';
import type { Codec, Connection, Frame } from '@ringback/core';
import { prepareSend, type HubConnection, type PreparedMessage } from '@ringback/signalr';
import { bytesOf } from './signalr.codec.js';

/** The gateway's name in metrics and for operators. */
export const GATEWAY = 'signalr';

/** The write side of one client of one of the hubs. */
export class SignalRConnection implements Connection {
  readonly gateway = GATEWAY;
  readonly connectionId: string;
  private reason: CloseReason | undefined;

  constructor(
    private readonly link: HubConnection,
    readonly codec: Codec,
    /** Whether the client is told why it is closed: MDriven's clients know no such call. */
    private readonly tellsReason: boolean,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.connectionId = link.connectionId;
  }

  /** Why the hub closed it; `undefined` while it is open and where the client went. */
  get closedFor(): CloseReason | undefined {
    return this.reason;
  }

  get bufferedBytes(): number {
    return this.link.bufferedBytes;
  }

  /** All in one write. */
  send(frames: readonly Frame[]): void {
    try {
      this.write({ payload: () => bytesOf(frames) });
    } catch (error) {
      this.onFault(error);
      this.cut();
    }
  }

  close(reason: CloseReason): void {
    if (this.reason) return;
    this.reason = reason;
    // Not within the caller's turn: the hub may be in the middle of a fan-out.
    if (reason.name === CLOSE_REASONS.overrun.name) queueMicrotask(() => this.cut());
    else this.closeInOrder(reason);
  }

  /** Does not wait for room: the hub bounds what waits. */
  private write(message: PreparedMessage): void {
    this.link.sendPrepared(message)?.catch(this.onFault);
  }

  /** Without a closing handshake, which a peer that does not read would never finish. */
  private cut(): void {
    this.link.transport.abort();
    this.link.leave(true);
  }

  private closeInOrder(reason: CloseReason): void {
    const { code, name, message } = reason;
    if (this.tellsReason) {
      this.write(prepareSend(CLIENT_METHODS.close, [{ code, name, message }]));
    }
    this.link.leave(mayReconnect(reason));
  }
}
