import { HubError, type Envelope, type EventGuid } from '@ringback/contract';
import type { Relay, RelayListener } from '@ringback/core';
import type { Backplane, BackplaneMessage } from '@ringback/signalr';
import { randomUUID } from 'node:crypto';
import { backplaneNames, type BackplaneNames } from './backplane-names.js';
import { completeOptions, type BackplaneOptions, type BackplaneSettings } from './backplane-options.js';
import { encodeMessage, splitMessages } from './backplane.codec.js';
import { FollowedChannel } from './followed-channel.js';
import { PublishQueue } from './publish-queue.js';
import { StandingsComparison } from './standings-comparison.js';

type Listener = (message: BackplaneMessage) => void;

/**
 * Carries what the nodes of a SignalR application say to each other over a relay: of every node in order, each message once, and what
 * was lost on the way is read from the history. All nodes hear one event; answers go to the event of the node that asked.
 */
export class RelayBackplane implements Backplane {
  /** Others may come at any time. */
  readonly alone = false;
  /** This node on the way: a name that nobody had before, so that no late answer to an earlier process is taken for one to this. */
  private readonly node = randomUUID();
  /** What the server calls this node. */
  private serverNode: string | undefined;
  private readonly names: BackplaneNames;
  private readonly channels: ReadonlyMap<EventGuid, FollowedChannel>;
  private readonly queues = new Map<EventGuid, PublishQueue>();
  private readonly listeners = new Set<Listener>();
  private readonly comparison: StandingsComparison;
  private stopComparing = (): void => {};
  private closed = false;

  private constructor(
    private readonly relay: Relay,
    private readonly settings: BackplaneSettings,
  ) {
    this.names = backplaneNames(settings.application);
    const context = { ...settings, relay, onNext: (envelope: Envelope) => this.hear(envelope) };
    const heard = [this.names.everybody, this.names.node(this.node)];
    this.channels = new Map(heard.map((eventguid) => [eventguid, new FollowedChannel(eventguid, context)]));
    this.comparison = new StandingsComparison([...this.channels.values()], context);
  }

  /**
   * A backplane that hears the other nodes from now on. The relay must be nobody else's. Rejects with `relay-unavailable`, and with
   * `bad-eventguid` for an application whose name is too long.
   */
  static async open(relay: Relay, options: BackplaneOptions): Promise<RelayBackplane> {
    const backplane = new RelayBackplane(relay, completeOptions(options));
    try {
      await backplane.start();
      return backplane;
    } catch (error) {
      await backplane.leave();
      throw error;
    }
  }

  /**
   * Resolves once the relay keeps and carries the message. Rejects with `data-too-large`, with `too-many-commands` when too much waits,
   * with `closed`, and with `relay-unavailable`: then the others may have got it all the same. One server may publish.
   */
  async publish(message: BackplaneMessage): Promise<void> {
    this.checkSender(message);
    const encoded = encodeMessage({ ...message, from: this.node });
    this.checkSize(encoded);
    const { names } = this;
    const eventguid = message.type === 'answer' ? names.node(message.to) : names.everybody;
    await this.queueOf(eventguid).publish(encoded);
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes no more, publishes what waits, and hears no more once it resolves. The relay is left to whoever made it. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.queues.values()].map((queue) => queue.flushed()));
    await this.leave();
  }

  private async start(): Promise<void> {
    this.relay.listen(this.relayListener());
    await Promise.all([...this.channels.values()].map((channel) => channel.open()));
    const { timers, compareIntervalMs } = this.settings;
    this.stopComparing = timers.every(compareIntervalMs, () => this.comparison.request());
  }

  private async leave(): Promise<void> {
    this.closed = true;
    this.stopComparing();
    this.comparison.stop();
    await Promise.all([...this.channels.values()].map((channel) => channel.close()));
  }

  private relayListener(): RelayListener {
    return {
      onEnvelope: (relayed) => this.channels.get(relayed.envelope.eventguid)?.receive(relayed),
      onDoubt: () => this.comparison.request(),
      onFailover: () => this.comparison.request(),
      // There are no subscriptions here.
      onRemoved: () => {},
      onPresence: () => {},
    };
  }

  private hear({ eventguid, data, source }: Envelope): void {
    if (source === this.node) return;
    const onUnreadable = (error?: unknown): void =>
      this.settings.log.warn('message between nodes not readable', { eventguid, from: source, error });
    for (const message of splitMessages(data, onUnreadable)) this.tell(message);
  }

  private tell(heard: BackplaneMessage): void {
    const message = heard.type === 'answer' ? { ...heard, to: this.serverNode ?? heard.to } : heard;
    for (const listener of this.listeners) {
      try {
        listener(message);
      } catch (error) {
        const { type, from } = message;
        this.settings.log.warn('message between nodes not taken', { type, from, error });
      }
    }
  }

  private checkSender({ from }: BackplaneMessage): void {
    if (this.closed) throw new HubError('closed', 'The backplane is closed.');
    this.serverNode ??= from;
    if (this.serverNode !== from) throw new TypeError('Each server needs a backplane of its own.');
  }

  private checkSize({ length }: Uint8Array): void {
    const { maxMessageBytes } = this.settings;
    if (length <= maxMessageBytes) return;
    const reason = `${length} bytes are more than the ${maxMessageBytes} that go between nodes.`;
    throw new HubError('data-too-large', reason);
  }

  private queueOf(eventguid: EventGuid): PublishQueue {
    let queue = this.queues.get(eventguid);
    if (!queue) {
      queue = new PublishQueue(this.settings, {
        publish: (data) => this.publishData(eventguid, data),
        onIdle: () => this.queues.delete(eventguid),
      });
      this.queues.set(eventguid, queue);
    }
    return queue;
  }

  private async publishData(eventguid: EventGuid, data: Uint8Array): Promise<void> {
    const trigger = { eventguid, data, source: this.node, removeAfterSend: false };
    const { nodes } = await this.relay.publish(trigger);
    // This node follows it, so that somebody has not heard it.
    if (nodes === 0 && eventguid === this.names.everybody) this.comparison.request();
  }
}
