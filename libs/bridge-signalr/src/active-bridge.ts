import type { Hub } from '@ringback/core';
import { BackOff } from './back-off.js';
import type { BridgeParts } from './bridge-parts.js';
import { DEFAULT_TIMES, MAX_DUPLICATES_PER_SECOND, type BridgeConfig } from './bridge.config.js';
import { EventHubRemote } from './event-hub-remote.js';
import { Inbound } from './inbound.js';
import { Outbound } from './outbound.js';
import { Patterns } from './patterns.js';
import { pause } from './pause.js';
import type { RemoteHub } from './remote-hub.js';
import { RingbackRemote } from './ringback-remote.js';
import { shownUrl } from './shown-url.js';

/** A bridge on the node that leads it: the connection to the remote hub, and what comes and goes over it. */
export class ActiveBridge {
  private readonly aborted = new AbortController();
  private readonly times;
  private readonly wanted: Set<string>;
  private remote: RemoteHub | undefined;
  private inbound: Inbound | undefined;
  private outbound: Outbound | undefined;
  private clusterId: string | undefined;
  private opening: Promise<void> = Promise.resolve();

  constructor(
    private readonly hub: Hub,
    private readonly config: BridgeConfig,
    private readonly parts: BridgeParts,
  ) {
    this.times = { ...DEFAULT_TIMES, ...parts.times };
    this.wanted = new Set(config.subscribe);
  }

  get connected(): boolean {
    return this.remote?.connected ?? false;
  }

  /** Begins to connect, once what was before has ended. Returns at once. */
  open(before: Promise<void>): void {
    this.opening = before
      .then(() => this.build())
      .catch((error: unknown) =>
        this.parts.log.error('bridge not built', { bridge: this.config.name, error }),
      );
  }

  /** Once it resolves, nothing more is carried. */
  async close(): Promise<void> {
    this.aborted.abort();
    await this.opening;
    this.inbound?.stop();
    this.outbound?.stop();
    await this.remote?.close();
    this.parts.metrics.bridgeConnected(this.config.name, false);
  }

  /** Looks whether the cluster there has another name by now. Rejects if that cannot be told. */
  async verify(): Promise<void> {
    await this.remote?.verify();
  }

  /** Whether the cluster has another name by now. Rejects with `relay-unavailable`. */
  async isOutdated(): Promise<boolean> {
    return this.clusterId !== undefined && this.clusterId !== (await this.hub.clusterId());
  }

  want(eventguid: string): void {
    this.wanted.add(eventguid);
    this.remote?.subscribe(eventguid);
  }

  unwant(eventguid: string): void {
    if (this.config.subscribe.includes(eventguid)) return;
    this.wanted.delete(eventguid);
    this.remote?.unsubscribe(eventguid);
  }

  private async build(): Promise<void> {
    const clusterId = await this.findClusterId();
    if (clusterId === undefined) return;
    this.clusterId = clusterId;
    const { name, token, subscribe, subscribeOnDemand } = this.config;
    const { log, metrics, credentials } = this.parts;
    const common = { name, clusterId, log, metrics, credentials, ...this.times };
    const inbound = new Inbound(this.hub, common);
    const patterns = new Patterns(subscribeOnDemand);
    const listener = {
      carries: (eventguid: string) => subscribe.includes(eventguid) || patterns.match(eventguid),
      onDelivery: inbound.receive.bind(inbound),
      onState: (connected: boolean) => this.changeState(connected),
    };
    const options = { ...this.config, ...common, ...(token !== undefined && { accessToken: () => token }) };
    const { maxDuplicatesPerSecond = MAX_DUPLICATES_PER_SECOND } = this.config;
    const remote =
      this.config.kind === 'ringback'
        ? new RingbackRemote(options, listener)
        : new EventHubRemote({ ...options, maxDuplicatesPerSecond }, listener);
    this.inbound = inbound;
    this.remote = remote;
    this.outbound = new Outbound(this.hub, remote, { ...common, eventguids: this.config.trigger });
    for (const eventguid of this.wanted) remote.subscribe(eventguid);
    remote.start();
  }

  /** `undefined` if the bridge is closed before the relay has answered. */
  private async findClusterId(): Promise<string | undefined> {
    const backOff = new BackOff(this.times.minDelayMs, this.times.maxDelayMs);
    while (!this.aborted.signal.aborted) {
      try {
        return await this.hub.clusterId();
      } catch (error) {
        this.parts.log.warn('cluster id unavailable', { bridge: this.config.name, error });
        await pause(backOff.next(), this.aborted.signal);
      }
    }
    return undefined;
  }

  private changeState(connected: boolean): void {
    const { name, url } = this.config;
    this.parts.log.info(connected ? 'bridge connected' : 'bridge lost', { bridge: name, url: shownUrl(url) });
    this.parts.metrics.bridgeConnected(name, connected);
    if (connected) this.outbound?.start();
    else this.outbound?.stop();
  }
}
