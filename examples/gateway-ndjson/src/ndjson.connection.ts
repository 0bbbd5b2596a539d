import { CLIENT_METHODS, type CloseReason } from '@ringback/contract';
import type { Frame } from '@ringback/core';
import { GatewayConnection, type InboundControl, type InboundQueue } from '@ringback/gateway-kit';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { encodeCall, ndjsonCodec } from './ndjson.codec.js';

/** How long a client may take to close after it was told to. */
const CLOSE_TIMEOUT_MS = 2_000;

/** The write side of one client: a TCP socket. */
export class NdjsonConnection extends GatewayConnection {
  readonly connectionId = randomUUID();
  readonly gateway = 'ndjson';
  readonly codec = ndjsonCodec;

  override readonly inbound: InboundQueue;

  constructor(
    private readonly socket: Socket,
    control: InboundControl,
    reportError: (error: unknown) => void,
  ) {
    super(reportError);
    this.inbound = control.open({
      gateway: this.gateway,
      get bufferedBytes() {
        return socket.writableLength;
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
    });
    this.inbound.onTooMuch((reason) => this.close(reason));
  }

  get bufferedBytes(): number {
    return this.socket.writableLength;
  }

  /** Writes what is no delivery: a reply, or an error. */
  writeLine(line: Frame): void {
    if (this.socket.writable) this.socket.write(line, 'latin1');
  }

  protected write(frames: readonly Frame[]): void {
    this.writeLine(frames.join(''));
  }

  protected closeGracefully({ code, name, message }: CloseReason): void {
    if (this.socket.writable)
      this.socket.end(encodeCall(CLIENT_METHODS.close, { code, name, message }), 'latin1');
    setTimeout(() => this.abort(), CLOSE_TIMEOUT_MS).unref();
  }

  protected abort(): void {
    this.socket.destroy();
  }
}
