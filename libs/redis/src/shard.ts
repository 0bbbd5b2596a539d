import type { Log } from '@ringback/core';
import type { Redis } from 'ioredis';
import { Canary, type CanaryKeeper } from './canary.js';
import type { CanaryWire, FlightRecord } from './canary-flight.js';
import { withCommandTimeout, isMoved } from './redis-connection.js';

/** Channels followed again at once. */
const BATCH = 500;
const BEAT_MS = 1_000;

/** What is heard of a shard. */
export interface ShardListener {
  onMessage(channel: string, message: Buffer): void;
  /** Messages on these channels may have been lost. */
  onDoubt(channels: readonly string[]): void;
  /** The master is not the process that it was. */
  onFailover(): void;
}

/** How a shard is reached. */
export interface ShardLinks {
  readonly master: string;
  readonly subscriber: Redis;
  /** The connection for commands, as it is now. */
  commands(): Redis | undefined;
  /** Whether several channels fit into one command, which those of different slots do not. */
  readonly oneSlot: boolean;
  /** Some channel is on another master now. */
  onMoved(): void;
}

/** One master as this node uses it: the channels that it follows there, and the proof that they are heard. */
export class Shard implements CanaryKeeper, CanaryWire {
  private readonly channels = new Set<string>();
  /** Of the channels those that the present connection does not follow yet. */
  private readonly behind = new Set<string>();
  private readonly canary = new Canary(this, this);
  private readonly timer: NodeJS.Timeout;
  private catchingUp = false;
  private closed = false;

  constructor(
    readonly links: ShardLinks,
    private canaryChannel: string,
    private readonly listener: ShardListener,
    private readonly log: Log,
  ) {
    const { subscriber } = links;
    subscriber.on('smessageBuffer', this.onMessage);
    subscriber.on('ready', this.onReady);
    subscriber.on('close', this.onClose);
    subscriber.on('moved', this.onMoved);
    this.timer = setInterval(this.beat, BEAT_MS).unref();
    this.adopt([canaryChannel]);
  }

  /** Whether a message published now would be heard, on every channel. */
  get sound(): boolean {
    return this.canary.alive && this.behind.size === 0 && this.links.subscriber.status === 'ready';
  }

  get canarySeat(): string {
    return this.canaryChannel;
  }

  async follow(channel: string): Promise<void> {
    this.channels.add(channel);
    await withCommandTimeout(this.links.subscriber.ssubscribe(channel));
  }

  async unfollow(channel: string): Promise<void> {
    if (this.forget(channel)) await withCommandTimeout(this.links.subscriber.sunsubscribe(channel));
  }

  /** Follows channels that were followed elsewhere, or nowhere yet; goes on trying. */
  adopt(channels: readonly string[]): void {
    for (const channel of channels) {
      this.channels.add(channel);
      this.behind.add(channel);
    }
    this.catchUp();
  }

  /** Lets go of the channels of which this is true; they are followed on another master now. */
  release(isForeign: (channel: string) => boolean): readonly string[] {
    const foreign = [...this.channels].filter(
      (channel) => channel !== this.canaryChannel && isForeign(channel),
    );
    for (const channel of foreign) this.forget(channel);
    return foreign;
  }

  /** Gives the canary a channel that is on this master. */
  seatCanary(channel: string): void {
    this.forget(this.canaryChannel);
    this.canaryChannel = channel;
    this.adopt([channel]);
  }

  /** Once it resolves, all that was published here before the call and will ever be heard has been heard: replies come behind messages. */
  async barrier(): Promise<void> {
    await withCommandTimeout(this.links.subscriber.ping());
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.canary.abandon();
    const { subscriber } = this.links;
    subscriber.off('smessageBuffer', this.onMessage);
    subscriber.off('ready', this.onReady);
    subscriber.off('close', this.onClose);
    subscriber.off('moved', this.onMoved);
  }

  async publish(text: string): Promise<string> {
    const commands = this.links.commands();
    if (!commands) throw new Error('There is no connection to the master.');
    const replies = await commands.pipeline().spublish(this.canaryChannel, text).info('server').exec();
    const [published, info] = replies ?? [];
    const error = published?.[0] ?? info?.[0];
    if (error) throw error;
    return /run_id:(\w+)/.exec(String(info?.[1]))?.[1] ?? '';
  }

  ping(): Promise<unknown> {
    return this.links.subscriber.ping();
  }

  onMissed({ published, answered, heard, error }: FlightRecord): void {
    const { master } = this.links;
    this.log.warn('redis loopback probe failed', { master, published, answered, heard, error });
    this.listener.onDoubt([...this.channels]);
  }

  onBack(missed: number): void {
    this.log.info('redis loopback probe recovered', { master: this.links.master, missed });
    this.listener.onDoubt([...this.channels]);
  }

  onSilent({ published, answered }: FlightRecord): void {
    if (!published) this.renew(this.links.commands(), 'commands');
    // Published, but not heard: whatever the connection says, it does not carry.
    if (!answered || published) this.renew(this.links.subscriber, 'subscriber');
  }

  onRunIdChanged(): void {
    this.listener.onFailover();
  }

  /** Makes a connection anew that was silent; one that is being made already is left to that. */
  private renew(connection: Redis | undefined, role: string): void {
    if (!connection || !['connect', 'ready'].includes(connection.status)) return;
    this.log.warn('redis connection unresponsive, reconnecting', { role, master: this.links.master });
    connection.disconnect(true);
  }

  /** Drops a channel; whether it was here. */
  forget(channel: string): boolean {
    this.behind.delete(channel);
    return this.channels.delete(channel);
  }

  private readonly beat = (): void => {
    this.catchUp();
    this.canary.fly();
  };

  private readonly onMessage = (name: Buffer, message: Buffer): void => {
    const channel = name.toString();
    if (channel === this.canaryChannel) this.canary.hear(message);
    else this.listener.onMessage(channel, message);
  };

  private readonly onReady = (): void => {
    this.fallBehind();
    this.catchUp();
  };

  private readonly onClose = (): void => {
    this.canary.abandon();
    this.fallBehind();
  };

  /** The server has dropped a channel and does not say which. Those that are still here are followed again with the next beat. */
  private readonly onMoved = (): void => {
    this.fallBehind();
    this.links.onMoved();
  };

  private fallBehind(): void {
    for (const channel of this.channels) this.behind.add(channel);
  }

  private catchUp(): void {
    if (this.closed || this.catchingUp || this.links.subscriber.status !== 'ready') return;
    if (this.behind.size === 0) return;
    this.catchingUp = true;
    this.followBehind()
      .catch((error: unknown) => {
        // The next connection or the next beat tries again.
        this.log.warn('redis channels not followed again yet', { master: this.links.master, error });
        if (isMoved(error)) this.links.onMoved();
      })
      .finally(() => {
        this.catchingUp = false;
      });
  }

  private async followBehind(): Promise<void> {
    while (this.behind.size > 0) await this.followBatch([...this.behind].slice(0, BATCH));
    this.canary.fly();
  }

  private async followBatch(batch: readonly string[]): Promise<void> {
    const groups = this.links.oneSlot ? [batch] : batch.map((channel) => [channel]);
    const { subscriber } = this.links;
    const replies = await Promise.allSettled(groups.map((group) => subscriber.ssubscribe(...group)));
    const followed = groups.filter((_group, index) => replies[index]?.status === 'fulfilled').flat();
    for (const channel of followed) this.behind.delete(channel);
    if (followed.length > 0) this.listener.onDoubt(followed);
    const failed = replies.find((reply) => reply.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
