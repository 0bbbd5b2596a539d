import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import { groupBy } from './group-by.js';
import { hashSlot } from './hash-slot.js';
import { isMoved } from './redis-connection.js';
import type { RedisKeys } from './redis-keys.js';
import { Shard, type ShardListener } from './shard.js';
import type { Topology } from './topology.js';

/** All masters as this node uses them, whichever serve the slots at the time. Idle until somebody listens. */
export class Shards {
  private readonly nonce = randomUUID();
  private readonly byMaster = new Map<string, Shard>();
  private readonly listeners = new Set<ShardListener>();
  /** Who follows which channel. */
  private readonly followers = new Map<string, ShardListener>();

  constructor(
    private readonly topology: Topology,
    private readonly oneServer: boolean,
    private readonly keys: RedisKeys,
    private readonly log: Log,
  ) {}

  /** Whether a message that is published now would be heard, on every channel of every master, and every master takes writes. */
  get healthy(): boolean {
    const shards = [...this.byMaster.values()];
    return shards.length > 0 && shards.every(({ healthy }) => healthy);
  }

  /** Redis' own word for why a master refuses what triggers need; `undefined` as long as all take it. */
  get refusal(): string | undefined {
    return [...this.byMaster.values()].find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  /** From now on the listener may follow channels. */
  listen(listener: ShardListener): void {
    this.listeners.add(listener);
    if (this.listeners.size > 1) return;
    this.topology.onChange(this.update);
    this.update();
  }

  /** Once it resolves, what is published on the channel reaches this listener, and only this one. */
  async follow(channel: string, listener: ShardListener): Promise<void> {
    this.followers.set(channel, listener);
    const shard = this.of(channel);
    try {
      await shard.follow(channel);
    } catch (error) {
      if (!isMoved(error)) throw error;
      shard.forget(channel);
      await this.topology.refresh();
      await this.of(channel).follow(channel);
    }
  }

  async unfollow(channel: string): Promise<void> {
    this.followers.delete(channel);
    await Promise.all([...this.byMaster.values()].map((shard) => shard.unfollow(channel)));
  }

  /** The shard of a key or channel. Throws `relay-unavailable` if its slot is served by none. */
  of(name: string): Shard {
    const master = this.topology.masterOf(hashSlot(name));
    const shard = master === undefined ? undefined : this.byMaster.get(master);
    if (!shard) throw new HubError('relay-unavailable');
    return shard;
  }

  async close(): Promise<void> {
    this.listeners.clear();
    const masters = [...this.byMaster.keys()];
    await Promise.all(masters.map((master) => this.closeShard(master)));
  }

  /** Leads what a shard says to whom it concerns. */
  private readonly router: ShardListener = {
    onMessage: (channel, message) => this.followers.get(channel)?.onMessage(channel, message),
    onDoubt: (channels) => {
      for (const [follower, doubted] of groupBy(channels, (channel) => this.followers.get(channel))) {
        follower?.onDoubt(doubted);
      }
    },
    onFailover: () => {
      for (const listener of this.listeners) listener.onFailover();
    },
  };

  private readonly update = (): void => {
    if (this.listeners.size === 0) return;
    const masters = this.topology.masters();
    for (const master of masters) {
      if (!this.byMaster.has(master)) this.byMaster.set(master, this.open(master));
    }
    this.moveChannels();
    const gone = [...this.byMaster.keys()].filter((master) => !masters.has(master));
    for (const master of gone) this.closeInBackground(master);
    if (gone.length > 0) this.router.onFailover();
  };

  private open(master: string): Shard {
    const { topology, oneServer: oneSlot } = this;
    const links = {
      master,
      subscriber: topology.openSubscriber(master),
      commands: () => topology.commands(master),
      oneSlot,
      onMoved: this.refreshInBackground,
    };
    return new Shard(links, this.probeChannel(master), this.router, this.log);
  }

  private moveChannels(): void {
    for (const [master, shard] of this.byMaster) {
      const foreign = shard.release((channel) => this.isForeign(channel, master));
      for (const [owner, channels] of groupBy(foreign, (channel) => this.of(channel))) {
        owner.adopt(channels);
      }
      const lost = this.topology.masters().has(master) && this.isForeign(shard.probeChannel, master);
      if (lost) shard.moveProbe(this.probeChannel(master));
    }
  }

  private isForeign(channel: string, master: string): boolean {
    const owner = this.topology.masterOf(hashSlot(channel));
    return owner !== undefined && owner !== master;
  }

  /** A channel that nobody else uses, in a slot of the master. */
  private probeChannel(master: string): string {
    for (let attempt = 0; ; attempt++) {
      const channel = this.keys.probe(`${this.nonce}-${attempt}`);
      if (this.topology.masterOf(hashSlot(channel)) === master) return channel;
    }
  }

  private readonly refreshInBackground = (): void => {
    this.topology.refresh().catch((error: unknown) => {
      this.log.warn('redis cluster does not tell its slots', { error });
    });
  };

  private closeInBackground(master: string): void {
    this.closeShard(master).catch((error: unknown) => {
      this.log.warn('redis connection not closed', { master, error });
    });
  }

  private async closeShard(master: string): Promise<void> {
    const shard = this.byMaster.get(master);
    this.byMaster.delete(master);
    if (!shard) return;
    shard.close();
    await this.topology.closeSubscriber(shard.links.subscriber);
  }
}
