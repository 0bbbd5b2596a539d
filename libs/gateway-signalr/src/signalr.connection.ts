import {
  CLIENT_METHODS,
  CLOSE_REASONS,
  mayReconnect,
  type CloseReason,
  type HubError,
} from '@ringback/contract';
import type { Codec, Connection, Frame } from '@ringback/core';
import { prepareSend, publicIdOf, type HubConnection } from '@ringback/signalr';

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
    /** Whether the client knows the calls beside deliveries. */
    private readonly tells: boolean,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.connectionId = publicIdOf(link.connectionId); // who takes part in presence is told it
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
      this.link.sendBytes(frames);
    } catch (error) {
      this.onFault(error);
      this.cut();
    }
  }

  close(reason: CloseReason): void {
    if (this.reason) return;
    this.reason = reason;
    // Not within the caller's turn: the hub may be in the middle of a fan-out.
    if (reason.name === CLOSE_REASONS['slow-consumer'].name) queueMicrotask(() => this.cut());
    else this.closeInOrder(reason);
  }

  /** Tells what went wrong with a message whose sender does not wait. Bounded like everything that waits for the client. */
  tellError({ code, message }: HubError, method: string): void {
    this.tell(CLIENT_METHODS.error, { code, message, method });
  }

  private tell(target: string, said: object): void {
    if (this.tells) this.link.sendPrepared(prepareSend(target, [said]))?.catch(this.onFault);
  }

  /** Without a closing handshake, which a peer that does not read would never finish. */
  private cut(): void {
    this.link.transport.abort();
    this.link.leave(true);
  }

  private closeInOrder(reason: CloseReason): void {
    const { code, name, message } = reason;
    this.tell(CLIENT_METHODS.close, { code, name, message });
    this.link.leave(mayReconnect(reason));
  }
}
