import { deliveryMeta, type CloseReason } from '@ringback/contract';
import type { Codec, Frame, Log } from '@ringback/core';
import { GatewayConnection } from '@ringback/gateway-kit';
import { randomBytes } from 'node:crypto';
import { DeliveryHandlers, type HubDelivery } from './delivery-handlers.js';

/** A subscription has ended otherwise than by a delivery. */
type EndedSubscription = Pick<HubDelivery, 'eventguid'>;

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
  encodeEnded: (eventguid) => JSON.stringify({ eventguid }),
};

/** The application's own connection to the hub of its process. Deliveries come within the hub's turn; nothing waits. */
export class InProcessConnection extends GatewayConnection {
  readonly connectionId = randomBytes(15).toString('base64url');
  readonly gateway = 'in-process';
  readonly codec = inProcessCodec;
  readonly bufferedBytes = 0;
  readonly maxSubscriptions = Number.POSITIVE_INFINITY;
  readonly handlers = new DeliveryHandlers();

  /** `onClosed` is called when the hub has closed it, in the hub's turn. */
  constructor(
    private readonly log: Log,
    reportError: (error: unknown) => void,
    private readonly onClosed: (connectionId: string) => void,
  ) {
    super(reportError);
  }

  protected write(frames: readonly Frame[]): void {
    for (const frame of frames) this.read(JSON.parse(frame) as HubDelivery | EndedSubscription);
  }

  protected closeGracefully({ name }: CloseReason): void {
    this.end(name);
  }

  /** There is no link that could be cut. */
  protected abort(): void {
    this.end(this.closeReason?.name ?? 'failed');
  }

  private end(reason: string): void {
    if (reason !== 'draining')
      this.log.error('application disconnected, its subscriptions have ended', { reason });
    this.onClosed(this.connectionId);
  }

  private read(message: HubDelivery | EndedSubscription): void {
    const { eventguid } = message;
    if ('meta' in message) return this.deliver(message);
    this.handlers.remove(eventguid);
    this.log.warn('subscription of the application ended', { eventguid });
  }

  private deliver(delivery: HubDelivery): void {
    const { eventguid, meta } = delivery;
    const failed = (error: unknown): void =>
      this.log.error('delivery handler failed', { eventguid, position: meta.position, error });
    try {
      Promise.resolve(this.handlers.accept(delivery)?.(delivery)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
