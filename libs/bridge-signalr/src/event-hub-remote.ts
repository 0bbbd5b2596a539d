import { HubError, type Data, type Envelope } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { createHash, randomBytes } from 'node:crypto';
import { Breaker } from './breaker.js';
import type { BridgeMetrics } from './bridge-metrics.js';
import { Echoes } from './echoes.js';
import { EventHubClient } from './event-hub-client.js';
import { eventHubUrl } from './hub-url.js';
import { MOST_WAITING } from './incoming.js';
import { Lanes } from './lanes.js';
import { clusterOf } from './origin.js';
import type { LinkOptions } from './reconnecting-link.js';
import type { RemoteHub, RemoteHubListener, Sent } from './remote-hub.js';
import { shownUrl } from './shown-url.js';

/** Stands where a subscriber's cookie does: the bridge needs none. */
const COOKIE = 'bridge';

export interface EventHubRemoteOptions extends LinkOptions {
  readonly name: string;
  readonly url: string;
  readonly isHubUrl?: boolean;
  /** The same event and data more often than this in a second is taken for a loop. */
  readonly maxDuplicatesPerSecond: number;
  readonly log: Log;
  readonly metrics: BridgeMetrics;
}

type Direction = 'in' | 'out';

/** A three-string event hub as the other end of a bridge. It has no room for an origin: echoes are recognised by what they carry. */
export class EventHubRemote implements RemoteHub {
  private readonly client: EventHubClient;
  private readonly subscribed = new Set<string>();
  private readonly echoes = new Echoes();
  /** One for each way: what goes round passes both. */
  private readonly breakers: Readonly<Record<Direction, Breaker>>;
  private readonly lanes = new Lanes();
  /** Names the remote hub in the origins of what comes from there; the same in every cluster that bridges to it. */
  private readonly remoteId: string;
  /** Makes the origins of this process its own. */
  private readonly run = randomBytes(9).toString('base64url');
  private count = 0;

  constructor(
    private readonly options: EventHubRemoteOptions,
    private readonly listener: RemoteHubListener,
  ) {
    const { maxDuplicatesPerSecond } = options;
    this.breakers = { in: new Breaker(maxDuplicatesPerSecond), out: new Breaker(maxDuplicatesPerSecond) };
    this.client = new EventHubClient({
      ...options,
      onEvent: (eventguid, _cookie, data) => this.receive(eventguid, data),
      onState: (connected) => this.changeState(connected),
    });
    this.remoteId = remoteIdOf(options.isHubUrl ? options.url : eventHubUrl(options.url));
  }

  get connected(): boolean {
    return this.client.connected;
  }

  start(): void {
    this.client.start();
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  subscribe(eventguid: string): void {
    this.subscribed.add(eventguid);
    this.client.subscribe(eventguid, COOKIE);
  }

  unsubscribe(eventguid: string): void {
    this.subscribed.delete(eventguid);
    this.client.unsubscribe(eventguid);
  }

  /** It has no name that could change. */
  async verify(): Promise<void> {}

  async trigger({ eventguid, data, oneShot }: Envelope, origin: string): Promise<Sent> {
    if (clusterOf(origin) === this.remoteId) return 'loop';
    if (!this.connected) throw new HubError('closed');
    const text = textOf(data);
    if (this.isLoop('out', eventguid, text)) return 'rate_limited';
    const unexpect = this.client.isSubscribed(eventguid) ? this.echoes.expect(eventguid, text) : undefined;
    try {
      await this.client.trigger(eventguid, text, oneShot);
    } catch (error) {
      // Refused: nobody there is told, the bridge neither.
      if (HubError.from(error).code !== 'closed') unexpect?.();
      throw error;
    }
    // It has ended the bridge's own subscription: the echo of the next trigger would be waited for in vain.
    if (oneShot && this.subscribed.has(eventguid)) this.client.subscribe(eventguid, COOKIE);
    return 'accepted';
  }

  private async receive(eventguid: string, data: string): Promise<void> {
    if (!this.listener.carries(eventguid)) return this.carried('rejected');
    if (this.echoes.take(eventguid, data)) return this.carried('echo');
    if (this.isLoop('in', eventguid, data)) return this.carried('rate_limited');
    // The remote hub keeps none for later: it is lost.
    if (this.lanes.isFull(MOST_WAITING)) return this.carried('overflow');
    const origin = `${this.remoteId}/${this.run}:${++this.count}`;
    const delivery = { eventguid, data, labels: { origin }, removeAfterSend: false };
    await this.lanes.run(eventguid, data.length, () => this.listener.onDelivery(delivery));
  }

  private isLoop(direction: Direction, eventguid: string, data: string): boolean {
    const verdict = this.breakers[direction].check(eventguid, data);
    if (verdict === 'tripped') this.warn(direction, eventguid);
    return verdict !== 'closed';
  }

  private warn(direction: Direction, eventguid: string): void {
    const { name, log, maxDuplicatesPerSecond } = this.options;
    const fields = { bridge: name, eventguid, direction, maxDuplicatesPerSecond };
    log.warn('loop broken: one event and data too often', fields);
  }

  private changeState(connected: boolean): void {
    if (!connected) this.echoes.clear();
    this.listener.onState(connected);
  }

  private carried(outcome: 'echo' | 'rate_limited' | 'overflow' | 'rejected'): void {
    this.options.metrics.carried(this.options.name, 'in', outcome);
  }
}

function remoteIdOf(url: string): string {
  const place = shownUrl(url).toLowerCase().replace(/\/+$/, '');
  return `hub-${createHash('sha256').update(place).digest('base64url').slice(0, 16)}`;
}

function textOf(data: Data): string {
  return typeof data === 'string' ? data : Buffer.from(data).toString('base64');
}
