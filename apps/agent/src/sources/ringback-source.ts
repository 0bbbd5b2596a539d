import { HubError, RingbackClient, type Delivery, type Status } from '@ringback/client';
import type { Log } from '@ringback/core';
import type { HubConfig } from '../configuration/hub-config.js';
import { DeliveriesUnderWay } from './deliveries-under-way.js';
import type { HubSource, SourceDelivery, SourceListener } from './hub-source.port.js';

/** A Ringback hub, as a named subscriber: what comes while no agent is there, the hub keeps. */
export class RingbackSource implements HubSource {
  private readonly client: RingbackClient;
  private readonly underWay = new DeliveriesUnderWay();
  private isOpen = false;
  private isClosed = false;

  private constructor(
    hub: HubConfig,
    private readonly listener: SourceListener,
    log: Log,
  ) {
    const { name, url, token, subscriberId } = hub;
    this.client = new RingbackClient({
      url,
      subscriberId,
      autoAcknowledge: false,
      ...(token !== undefined && { token }),
      onStatus: (status) => this.statusChanged(status),
      onGap: ({ eventguid, position }) => log.error('deliveries lost', { hub: name, eventguid, position }),
      onError: (error, { eventguid }) => log.warn('hub source failed', { hub: name, eventguid, error }),
    });
  }

  static async open(hub: HubConfig, listener: SourceListener, log: Log): Promise<RingbackSource> {
    const source = new RingbackSource(hub, listener, log);
    await source.client.connect();
    if (source.isClosed) throw new HubError('closed'); // between the two steps
    source.isOpen = true;
    return source;
  }

  async subscribe(eventguid: string, cookie: string): Promise<void> {
    await this.client.subscribe(eventguid, cookie, (delivery) => this.underWay.run(this.take(delivery)));
  }

  unsubscribe(eventguid: string): Promise<void> {
    return this.client.unsubscribe(eventguid);
  }

  async close(): Promise<void> {
    this.isOpen = false;
    this.client.close();
    await this.underWay.ended();
  }

  private async take(delivery: Delivery): Promise<void> {
    await this.listener.deliver(viewOf(delivery));
    delivery.acknowledge();
  }

  private statusChanged(status: Status): void {
    this.isClosed = status.state === 'closed';
    this.listener.connection(status.state === 'connected');
    if (status.state === 'closed' && this.isOpen) this.listener.ended(status.reason.name);
  }
}

function viewOf({ eventguid, cookie, data, position, ended = false }: Delivery): SourceDelivery {
  const isText = typeof data === 'string';
  return {
    eventguid,
    cookie,
    data: isText ? data : Buffer.from(data).toString('base64'),
    ...(!isText && { encoding: 'base64' }),
    position,
    ended,
  };
}
