import type { Log } from '@ringback/core';
import type { Redis } from 'ioredis';
import { LoopbackProbe, type ProbeListener } from './loopback-probe.js';
import type { ProbeResult, ProbeTransport } from './probe-round-trip.js';
import { withCommandTimeout, isMoved } from './redis-connection.js';
import { runScript, SCRIPTS } from './scripts.js';

/** Channels followed again at once. */
const BATCH = 500;
const BEAT_MS = 1_000;
/** What a probe writes ends with it, or after this if it is cut short. */
const PROBE_TTL_MS = 10_000;

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
export class Shard implements ProbeListener, ProbeTransport {
  private readonly channels = new Set<string>();
  /** Of the channels those that the present connection does not follow yet. */
  private readonly behind = new Set<string>();
  private readonly probe = new LoopbackProbe(this, this);
  private readonly timer: NodeJS.Timeout;
  private catchingUp = false;
  private closed = false;

  constructor(
    readonly links: ShardLinks,
    /** The channel on which it hears itself, which is also the key that it writes for proof. */
    private ownChannel: string,
    private readonly listener: ShardListener,
    private readonly log: Log,
  ) {
    const { subscriber } = links;
    subscriber.on('smessageBuffer', this.onMessage);
    subscriber.on('ready', this.onReady);
    subscriber.on('close', this.onClose);
    subscriber.on('moved', this.onMoved);
    this.timer = setInterval(this.beat, BEAT_MS).unref();
    this.adopt([ownChannel]);
  }

  /** Whether a message published now would be heard, on every channel, and the master takes writes. */
  get healthy(): boolean {
    const { alive, refusal } = this.probe;
    const follows = this.behind.size === 0 && this.links.subscriber.status === 'ready';
    return alive && refusal === undefined && follows;
  }

  /** Redis' own word for why the master refuses what triggers need. */
  get refusal(): string | undefined {
    return this.probe.refusal;
  }

  get probeChannel(): string {
    return this.ownChannel;
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
    const foreign = [...this.channels].filter((channel) => channel !== this.ownChannel && isForeign(channel));
    for (const channel of foreign) this.forget(channel);
    return foreign;
  }

  /** Gives the probe a channel that is on this master. */
  moveProbe(channel: string): void {
    this.forget(this.ownChannel);
    this.ownChannel = channel;
    this.adopt([channel]);
  }

  /** Once it resolves, all that was published here before the call and will ever be heard has been heard: replies come behind messages. */
  async barrier(): Promise<void> {
    await withCommandTimeout(this.links.subscriber.ping());
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.probe.reset();
    const { subscriber } = this.links;
    subscriber.off('smessageBuffer', this.onMessage);
    subscriber.off('ready', this.onReady);
    subscriber.off('close', this.onClose);
    subscriber.off('moved', this.onMoved);
  }

  async publish(text: string): Promise<string> {
    const commands = this.connection();
    const replies = await commands.pipeline().spublish(this.ownChannel, text).info('server').exec();
    const [published, info] = replies ?? [];
    const error = published?.[0] ?? info?.[0];
    if (error) throw error;
    return /run_id:(\w+)/.exec(String(info?.[1]))?.[1] ?? '';
  }

  async write(text: string): Promise<void> {
    await runScript(this.connection(), SCRIPTS.probe, [this.ownChannel], [text, PROBE_TTL_MS]);
  }

  ping(): Promise<unknown> {
    return this.links.subscriber.ping();
  }

  onMissed({ published, written, answered, heard, error }: ProbeResult): void {
    const { master } = this.links;
    this.log.warn('redis loopback probe failed', { master, published, written, answered, heard, error });
    this.listener.onDoubt([...this.channels]);
  }

  onBack(missed: number): void {
    this.log.info('redis loopback probe recovered', { master: this.links.master, missed });
    this.listener.onDoubt([...this.channels]);
  }

  onRefused(refusal: string, error: unknown): void {
    this.log.error('redis refuses writes', { master: this.links.master, refusal, error });
  }

  onAccepted(): void {
    this.log.info('redis accepts writes again', { master: this.links.master });
  }

  onSilent({ published, written, answered, heard }: ProbeResult): void {
    if (!published || !written) this.renew(this.links.commands(), 'commands');
    // Published, but not heard: whatever the connection says, it does not carry.
    if (!answered || (published && !heard)) this.renew(this.links.subscriber, 'subscriber');
  }

  onRunIdChanged(): void {
    this.listener.onFailover();
  }

  private connection(): Redis {
    const commands = this.links.commands();
    if (!commands) throw new Error('There is no connection to the master.');
    return commands;
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
    this.probe.send();
  };

  private readonly onMessage = (name: Buffer, message: Buffer): void => {
    const channel = name.toString();
    if (channel === this.ownChannel) this.probe.onMessage(message);
    else this.listener.onMessage(channel, message);
  };

  private readonly onReady = (): void => {
    this.fallBehind();
    this.catchUp();
  };

  private readonly onClose = (): void => {
    this.probe.reset();
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
    this.probe.send();
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
