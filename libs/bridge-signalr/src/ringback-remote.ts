import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { HubError, METHODS, type DeliveryMeta, type Envelope } from '@ringback/contract';
import type { Log } from '@ringback/core';
import type { BridgeMetrics } from './bridge-metrics.js';
import { extendedHubUrl } from './hub-url.js';
import { Identified } from './identified.js';
import { MOST_WAITING } from './incoming.js';
import { Lanes } from './lanes.js';
import { originKey } from './origin-key.js';
import { clusterOf } from './origin.js';
import { ReconnectingLink, type LinkOptions } from './reconnecting-link.js';
import type { RemoteDelivery, RemoteHub, RemoteHubListener, Sent } from './remote-hub.js';
import { clusterIdIn, closeFields, isMeta, labelsOf } from './ringback-answers.js';
import { RingbackSubscriptions } from './ringback-subscriptions.js';
import { shownUrl } from './shown-url.js';

/** Asks a Ringback who it is. */
const DESCRIBE = 'DescribeHub';
/** How long after connecting a subscription of an earlier bridge is left standing that nobody has asked for yet. */
const SETTLING_MS = 15_000;

export interface RingbackRemoteOptions extends LinkOptions {
  readonly name: string;
  readonly url: string;
  /** The local cluster. */
  readonly clusterId: string;
  readonly log: Log;
  readonly metrics: BridgeMetrics;
}

/** What a delivery came with. */
interface Arrived {
  readonly identified: Identified;
  readonly eventguid: string;
  readonly round: number;
}

/**
 * Another Ringback as the other end of a bridge, which is a named subscriber there: what was triggered while it was away comes when it is back. Each
 * delivery is acknowledged once the local hub has it.
 */
export class RingbackRemote implements RemoteHub {
  private readonly link: ReconnectingLink;
  private readonly subscriptions: RingbackSubscriptions;
  private readonly lanes = new Lanes();
  private identified = new Identified();
  private openedAt = 0;

  constructor(
    private readonly options: RingbackRemoteOptions,
    private readonly listener: RemoteHubListener,
  ) {
    this.link = new ReconnectingLink(
      {
        url: subscriberUrl(options),
        protocol: new MessagePackHubProtocol(),
        handlers: {
          ReceiveEventWithMeta: (...args) => this.receive(args),
          SubscriptionEnded: (eventguid) => this.subscriptions.again(String(eventguid)),
          HubClose: (reason) =>
            options.log.info('remote hub closes', { ...this.fields, ...closeFields(reason) }),
        },
        onConnecting: () => this.renewIdentified(),
        onOpen: () => this.opened(),
        onState: (connected) => listener.onState(connected),
      },
      options,
    );
    this.subscriptions = new RingbackSubscriptions(this.link, {
      onGap: (eventguid) => this.noteGap(eventguid),
      onFailed: (message, eventguid, error) => this.warn(message, eventguid, error),
    });
  }

  get connected(): boolean {
    return this.link.connected;
  }

  start(): void {
    this.link.start();
  }

  async close(): Promise<void> {
    this.subscriptions.close();
    this.identified.give(undefined);
    await this.link.close();
  }

  subscribe(eventguid: string): void {
    this.subscriptions.add(eventguid);
  }

  unsubscribe(eventguid: string): void {
    this.subscriptions.remove(eventguid);
  }

  async trigger(envelope: Envelope, origin: string): Promise<Sent> {
    const remoteId = this.connected ? await this.identified.clusterId : undefined;
    if (remoteId === undefined) throw new HubError('closed');
    if (clusterOf(origin) === remoteId) return 'loop';
    const { eventguid, data, oneShot: removeAfterSend } = envelope;
    const options = { ...labelsOf(envelope), removeAfterSend, origin, key: originKey(origin) };
    await this.link.invoke(METHODS.trigger, eventguid, data, options);
    return 'accepted';
  }

  async verify(): Promise<void> {
    const { identified } = this;
    if (!this.connected) return;
    const remoteId = clusterIdIn(await this.link.invoke(DESCRIBE));
    if (this.identified === identified && remoteId !== (await identified.clusterId)) this.link.reset();
  }

  private async opened(): Promise<void> {
    const remoteId = clusterIdIn(await this.link.invoke(DESCRIBE));
    if (remoteId === this.options.clusterId) {
      throw new HubError('bad-request', 'The bridge leads to the cluster that it starts from.');
    }
    this.identified.give(remoteId);
    this.openedAt = Date.now();
    await this.subscriptions.sendAll();
  }

  private receive([eventguid, , data, said]: readonly unknown[]): void {
    if (this.link.closed) return;
    if (typeof eventguid !== 'string' || typeof data !== 'string' || !isMeta(said)) {
      return this.warn('delivery not readable', undefined, undefined);
    }
    // Nothing is acknowledged of what waits: it all comes again.
    if (this.lanes.isFull(MOST_WAITING)) {
      this.carried('overflow');
      return this.link.reset();
    }
    const { identified } = this;
    const arrived = { identified, eventguid, round: this.subscriptions.round(eventguid) };
    this.lanes
      .run(eventguid, data.length, () => this.hand(arrived, data, said))
      .catch((error: unknown) => {
        if (!this.link.closed) this.warn('delivery not acknowledged', eventguid, error);
      });
  }

  private async hand(arrived: Arrived, text: string, meta: DeliveryMeta): Promise<void> {
    const { eventguid } = arrived;
    const remoteId = await arrived.identified.clusterId;
    if (remoteId === undefined || this.isLeft(arrived)) return;
    if (meta.recovered === false) this.noteGap(eventguid);
    if (this.listener.carries(eventguid)) {
      await this.listener.onDelivery(toDelivery(eventguid, text, meta, remoteId));
    } else this.carried('rejected');
    if (this.isLeft(arrived)) return;
    const isRenewed = meta.ended === true && (await this.subscriptions.renew(eventguid, meta.position));
    if (!isRenewed) await this.link.invoke(METHODS.acknowledge, eventguid, meta.position);
    this.tidy(eventguid);
  }

  /** What came on a connection that has ended, or before the bridge went back, is left: it comes again. */
  private isLeft({ identified, eventguid, round }: Arrived): boolean {
    return (
      this.link.closed || this.identified !== identified || this.subscriptions.round(eventguid) !== round
    );
  }

  /** What an earlier bridge subscribed to may be wanted no more. */
  private tidy(eventguid: string): void {
    if (this.subscriptions.has(eventguid)) return;
    const isSettled = Date.now() > this.openedAt + SETTLING_MS;
    if (isSettled || !this.listener.carries(eventguid)) this.subscriptions.remove(eventguid);
  }

  private renewIdentified(): void {
    this.identified.give(undefined);
    this.identified = new Identified();
  }

  private noteGap(eventguid: string): void {
    this.carried('gap');
    this.warn('events of the remote hub are lost', eventguid, undefined);
  }

  private carried(outcome: 'gap' | 'overflow' | 'rejected'): void {
    this.options.metrics.carried(this.options.name, 'in', outcome);
  }

  private get fields(): Readonly<Record<string, unknown>> {
    return { bridge: this.options.name, url: shownUrl(this.options.url) };
  }

  private warn(message: string, eventguid: string | undefined, error: unknown): void {
    this.options.log.warn(message, { ...this.fields, eventguid, error });
  }
}

function toDelivery(eventguid: string, text: string, meta: DeliveryMeta, remoteId: string): RemoteDelivery {
  return {
    eventguid,
    data: meta.encoding === 'base64' ? Buffer.from(text, 'base64') : text,
    labels: { ...labelsOf(meta), origin: meta.origin ?? `${remoteId}/${meta.position}` },
    removeAfterSend: meta.ended === true,
  };
}

function subscriberUrl({ url, clusterId, name }: RingbackRemoteOptions): string {
  const hub = extendedHubUrl(url);
  hub.searchParams.set('subscriberId', `bridge/${clusterId}/${name}`);
  hub.searchParams.set('resume', 'on-connect');
  return hub.href;
}
