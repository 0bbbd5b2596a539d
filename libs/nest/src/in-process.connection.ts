import { deliveryMeta, type CloseReason, type DeliveryMeta } from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';
import { GatewayConnection } from '@ringback/gateway-kit';
import { randomBytes } from 'node:crypto';

/** One event as the application gets it. */
export interface HubDelivery {
  readonly eventguid: string;
  readonly cookie: string;
  /** Bytes stand in base64, and `meta.encoding` says so. */
  readonly data: string;
  readonly meta: DeliveryMeta;
}

export interface InProcessListener {
  onDelivery(delivery: HubDelivery): void;
  onClose(reason: CloseReason): void;
}

/** JSON, so that the application never holds what the hub shares between its subscribers. */
const inProcessCodec: Codec = {
  name: 'in-process',
  encodeCookie: (cookie) => JSON.stringify(cookie),
  prepare(envelope, gap) {
    const { eventguid, data } = envelope;
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('base64');
    const rest = JSON.stringify({ eventguid, data: text, meta: deliveryMeta(envelope, gap) }).slice(1);
    return (cookie) => `{"cookie":${cookie},${rest}`;
  },
};

/** The application's own connection to the hub of its process. Deliveries come within the hub's turn; nothing waits. */
export class InProcessConnection extends GatewayConnection {
  readonly connectionId = randomBytes(15).toString('base64url');
  readonly gateway = 'in-process';
  readonly codec = inProcessCodec;
  readonly bufferedBytes = 0;

  constructor(
    private readonly listener: InProcessListener,
    reportError: (error: unknown) => void,
  ) {
    super(reportError);
  }

  protected write(frames: readonly Frame[]): void {
    for (const frame of frames) this.listener.onDelivery(JSON.parse(frame) as HubDelivery);
  }

  protected closeGracefully(reason: CloseReason): void {
    this.listener.onClose(reason);
  }

  /** There is no link that could be cut. */
  protected abort(): void {}
}
