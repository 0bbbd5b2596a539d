import { CLIENT_METHODS, type CloseReason, type HubError } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import { GatewayConnection, type InboundQueue } from '@ringback/gateway-kit';
import { prepareSend, publicIdOf, type HubConnection } from '@ringback/signalr';
import type { HubProfile } from './hub-profile.js';
import { SignalRInbound } from './signalr.inbound.js';
import { GATEWAY } from './signalr.options.js';

/** The write side of one client of one of the hubs. */
export class SignalRConnection extends GatewayConnection {
  readonly gateway = GATEWAY;
  readonly connectionId: string;
  readonly codec: Codec;
  /** Of long polling. */
  readonly maxBufferedBytes: number | undefined;
  override readonly inbound: InboundQueue | undefined;
  private readonly sendsNotifications: boolean;

  constructor(
    private readonly link: HubConnection,
    { codecs, sendsNotifications }: HubProfile,
    reportError: (error: unknown) => void,
    pollBufferBytes?: number,
  ) {
    super(reportError);
    this.connectionId = publicIdOf(link.connectionId); // others that take part in presence see it
    this.inbound = link.inbound instanceof SignalRInbound ? link.inbound.queue : undefined;
    this.codec = codecs[link.protocol?.name ?? 'json'];
    this.sendsNotifications = sendsNotifications;
    this.maxBufferedBytes = link.transport.transport === 'LongPolling' ? pollBufferBytes : undefined;
  }

  get bufferedBytes(): number {
    return this.link.bufferedBytes;
  }

  /** Says what went wrong with a message whose sender does not wait. Bounded like everything that waits for the client. */
  notifyError({ code, message }: HubError, method: string): void {
    this.notify(CLIENT_METHODS.error, { code, message, method });
  }

  /** All in one write. */
  protected write(frames: readonly Frame[]): void {
    this.link.sendBytes(frames);
  }

  protected closeGracefully({ code, name, message }: CloseReason, mayReconnect: boolean): void {
    this.notify(CLIENT_METHODS.close, { code, name, message });
    this.link.leave(mayReconnect);
  }

  protected abort(): void {
    this.link.transport.abort();
    this.link.leave(true);
  }

  private notify(target: string, body: object): void {
    if (this.sendsNotifications) this.link.sendPrepared(prepareSend(target, [body]))?.catch(this.reportError);
  }
}
