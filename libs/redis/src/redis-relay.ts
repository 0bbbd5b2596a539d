import {
  HubError,
  type Envelope,
  type EventGuid,
  type Position,
  type Published,
  type TraceContext,
  type Trigger,
} from '@ringback/contract';
import {
  HistoryPolicy,
  type HistoryOptions,
  type Missed,
  type Page,
  type PageRequest,
  type ReceiptRequest,
  type Relay,
  type Relayed,
  type RelayListener,
  type Standing,
} from '@ringback/core';
import { ChannelFollower } from './channel-follower.js';
import type { RedisConnections } from './connections.js';
import { EventIndex } from './event-index.js';
import { freshEpoch } from './fresh-epoch.js';
import { hashSlot } from './hash-slot.js';
import { KEY_WINDOW_MS, metaTtlMs, SESSION_TTL_MS } from './history-limits.js';
import { OrderedScript } from './ordered-script.js';
import { decodeName } from './redis-keys.js';
import { decodeEntry, decodeMessage, encodeBeside, encodeTrigger, type RelayMessage } from './relay-codec.js';
import { StandingsReader } from './standings.js';
import { whileReconnecting } from './while-reconnecting.js';
import { runScript, SCRIPTS, type ScriptArgument, type ScriptReply } from './scripts.js';

export interface RedisRelayOptions {
  readonly history?: HistoryOptions;
  /** How long what a named subscriber may have missed is kept. Default 24 h. */
  readonly sessionTtlMs?: number;
}

/** The relay on Redis: one script keeps and publishes, sharded pub/sub carries it to the nodes that follow. */
export class RedisRelay implements Relay {
  private readonly policy: HistoryPolicy;
  private readonly sessionTtlMs: number;
  private readonly metaTtlMs: number;
  private readonly index: EventIndex;
  private readonly follower: ChannelFollower;
  private readonly reader: StandingsReader;
  private readonly triggers: OrderedScript;
  private listener: RelayListener | undefined;

  constructor(
    private readonly redis: RedisConnections,
    options: RedisRelayOptions = {},
  ) {
    this.sessionTtlMs = options.sessionTtlMs ?? SESSION_TTL_MS;
    this.policy = new HistoryPolicy(options.history);
    this.metaTtlMs = metaTtlMs(options.history, this.sessionTtlMs);
    this.index = new EventIndex(redis, 2 * this.metaTtlMs);
    this.reader = new StandingsReader(redis);
    this.triggers = new OrderedScript(SCRIPTS.trigger, redis.commands, redis.topology);
    this.follower = new ChannelFollower(redis, {
      onMessage: this.hear,
      onDoubt: (eventguids) => this.listener?.onDoubt(eventguids),
      onFailover: () => this.listener?.onFailover(),
    });
  }

  /** Whether an envelope that is published now would be kept and reach every node that follows its event, as far as this one can prove. */
  get healthy(): boolean {
    return this.redis.format.matches && this.redis.shards.healthy;
  }

  /** Redis' own word for why it refuses what triggers need; `undefined` as long as it takes it. */
  get refusal(): string | undefined {
    return this.redis.shards.refusal;
  }

  listen(listener: RelayListener): void {
    this.listener = listener;
  }

  async publish(trigger: Trigger, receipt?: ReceiptRequest, trace?: TraceContext): Promise<Published> {
    this.redis.format.assertMatches();
    const channel = this.redis.keys.channel(trigger.eventguid);
    const args = this.triggerArguments(channel, trigger, encodeBeside(receipt, trace));
    const reply = await this.redis.unreadable.watch(channel, () =>
      this.triggers.run(channel, this.triggerKeys(trigger), args),
    );
    const published = parsePublished(reply);
    this.noteInBackground(trigger.eventguid);
    return published;
  }

  /** The name of the master; of one server alone a constant. */
  shardOf(eventguid: EventGuid): string {
    const { topology, keys } = this.redis;
    return topology.onlyMaster ?? topology.masterOf(hashSlot(keys.channel(eventguid))) ?? '';
  }

  follow(eventguid: EventGuid): Promise<void> {
    return this.follower.follow(eventguid);
  }

  unfollow(eventguid: EventGuid): Promise<void> {
    return this.follower.unfollow(eventguid);
  }

  async since(eventguid: EventGuid, after: Position): Promise<Missed> {
    const [keys, args] = [this.logKeys(eventguid), [after.epoch, after.offset]];
    const entries = await whileReconnecting(() => runScript(this.redis.commands, SCRIPTS.since, keys, args));
    if (!Array.isArray(entries)) return 'lost';
    const missed = this.decode(eventguid, entries);
    // One that cannot be read is a hole like any other.
    return missed.length === entries.length ? missed : 'lost';
  }

  standings(eventguids: readonly EventGuid[]): Promise<readonly (Standing | undefined)[]> {
    return this.reader.read(eventguids);
  }

  async history(eventguid: EventGuid, page: PageRequest): Promise<Page<Envelope>> {
    const from = page.cursor === undefined ? 1 : parseCursor(page.cursor);
    const limit = Math.max(1, page.limit);
    const reply = await runScript(this.redis.commands, SCRIPTS.history, this.logKeys(eventguid), [
      from,
      limit,
    ]);
    const [last, ...entries] = reply as readonly Buffer[];
    const items = this.decode(eventguid, entries).map(({ envelope }) => envelope);
    const end = items.at(-1)?.position.offset;
    if (end === undefined || end >= Number(last)) return { items };
    return { items, next: String(end + 1) };
  }

  private triggerKeys({ eventguid, key }: Trigger): readonly string[] {
    const { keys } = this.redis;
    const always = [
      keys.meta(eventguid),
      keys.log(eventguid),
      keys.subs(eventguid),
      keys.named(eventguid),
      keys.present(eventguid),
      keys.cuts(eventguid),
    ];
    return key === undefined ? always : [...always, keys.idempotency(eventguid, key)];
  }

  private triggerArguments(
    channel: string,
    trigger: Trigger,
    beside: Buffer | undefined,
  ): readonly ScriptArgument[] {
    const limits = this.policy.limitsOf(trigger.eventguid);
    const { flags, body } = encodeTrigger(trigger);
    return [
      channel,
      body,
      flags,
      freshEpoch(),
      limits.envelopes,
      limits.bytes,
      limits.ageMs,
      this.metaTtlMs,
      KEY_WINDOW_MS,
      this.sessionTtlMs,
      ...(beside ? [beside] : []),
    ];
  }

  private logKeys(eventguid: EventGuid): readonly string[] {
    return [this.redis.keys.meta(eventguid), this.redis.keys.log(eventguid)];
  }

  private readonly hear = (eventguid: EventGuid, message: Buffer): void => {
    const heard = decodeMessage(eventguid, message);
    if (!heard) this.logUnreadable(eventguid, message);
    else if (this.listener) tell(this.listener, eventguid, heard);
  };

  private decode(eventguid: EventGuid, entries: readonly ScriptReply[]): readonly Relayed[] {
    const decoded: Relayed[] = [];
    for (const entry of entries as readonly Buffer[]) {
      const relayed = decodeEntry(eventguid, entry);
      if (relayed) decoded.push(relayed);
      else this.logUnreadable(eventguid, entry);
    }
    return decoded;
  }

  private logUnreadable(eventguid: EventGuid, message: Buffer): void {
    const [version, kind] = message;
    const fields = { version, kind, bytes: message.length };
    this.redis.unreadable.report(this.redis.keys.channel(eventguid), 'not an envelope', fields);
  }

  /** The trigger is accepted already: whether operators see its event must not decide about it. */
  private noteInBackground(eventguid: EventGuid): void {
    this.index.note(eventguid).catch((error: unknown) => {
      this.redis.log.warn('event not noted in the index', { eventguid, error });
    });
  }
}

function tell(listener: RelayListener, eventguid: EventGuid, heard: RelayMessage): void {
  switch (heard.kind) {
    case 'envelope':
      return listener.onEnvelope(heard.relayed);
    case 'removal':
      return listener.onRemoved(eventguid, decodeName(heard.subscriber), decodeName(heard.subscriptionId));
    case 'join':
    case 'leave':
      return listener.onPresence(eventguid, { kind: heard.kind, member: decodeName(heard.subscriber) });
  }
}

function parsePublished(reply: ScriptReply): Published {
  const [epoch = '', offset, subscribers, nodes] = String(reply).split(' ');
  return {
    position: { epoch, offset: Number(offset) },
    subscribers: Number(subscribers),
    nodes: Number(nodes),
  };
}

function parseCursor(cursor: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(cursor)) throw new HubError('bad-request', 'Unknown cursor.');
  return Number(cursor);
}
