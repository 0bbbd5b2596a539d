import { EVENTGUID_BYTES, HubError, METHODS, type Command, type EventGuid } from '@ringback/contract';
import {
  CommandHandler,
  type CommandReply,
  type DisconnectReason,
  type Hub,
  type Identity,
} from '@ringback/core';
import { CommandQueue, type CommandOrder, type CommandTask } from './command-queue.js';
import type { GatewayConnection } from './gateway-connection.js';
import type { InboundQueue } from './inbound-queue.js';
import { StartOrder } from './start-order.js';

const BARRIER: CommandOrder = { kind: 'barrier' };
const SUBSCRIBE: CommandOrder = { kind: 'subscribe' };

/** One client from its admission to its end: its commands in order, and what becomes of them. */
export class ClientSession<Link extends GatewayConnection = GatewayConnection> {
  private readonly queue: CommandQueue;
  private readonly starts = new StartOrder();
  private readonly handler: CommandHandler;
  private readonly onReply = (): void => this.connection.inbound?.end();
  private readonly onRefusal = (error: unknown): void =>
    this.connection.inbound?.end(HubError.from(error).code);

  private ended = false;
  private ending: ((reason: DisconnectReason) => void) | undefined;

  constructor(
    private readonly hub: Hub,
    readonly connection: Link,
    readonly identity: Identity,
    readonly isDurable = false,
  ) {
    this.queue = new CommandQueue();
    connection.inbound?.admit(identity);
    connection.inbound?.onTooMuch((reason) => connection.close(reason));
    this.handler = new CommandHandler(hub, identity, connection.connectionId);
  }

  get connectionId(): string {
    return this.connection.connectionId;
  }

  /**
   * Runs what a message asks for when its turn has come. To be called in the turn in which the message was read, before anything is parsed or
   * awaited. `method` and `args` only tell its place in the order. Rejects with a coded error, not counted yet.
   */
  run<Reply>(method: unknown, args: readonly unknown[], task: CommandTask<Reply>): Promise<Reply> {
    if (!this.connection.open) return Promise.reject(new HubError('closed'));
    const order = this.orderOf(method, args[0]);
    const reply = this.queue.run(order, order.kind === 'barrier' ? task : this.startedInOrder(task));
    if (this.connection.inbound) this.count(this.connection.inbound, method, reply);
    return reply;
  }

  /**
   * Does a command whose turn has come: what `run` has started calls it with the `release` it was given. Commands that overlap are done in order of
   * arrival, however long guards and pipes have held each up. One that waits for its receipt releases the order once it is accepted. Rejects with a
   * coded error, not counted yet.
   */
  execute(command: Command, release: () => void): Promise<CommandReply> {
    const turn = this.starts.turnOf(release);
    return turn ? turn.then(() => this.start(command, release)) : this.start(command, release);
  }

  /** Calls the listener, one at most, when the session ends. */
  onEnd(listener: (reason: DisconnectReason) => void): void {
    this.ending = listener;
  }

  /** The link is gone: the subscriptions end, or wait for their durable subscriber. A second call does nothing. */
  end(
    reason: DisconnectReason = (this.connection.closeReason?.name as DisconnectReason | undefined) ??
      'client',
  ): void {
    if (this.ended) return;
    this.ended = true;
    this.hub.disconnect(this.connectionId, reason);
    this.ending?.(reason);
  }

  private start(command: Command, release: () => void): Promise<CommandReply> {
    const { accepted, reply } = this.handler.start(command);
    this.starts.done(release);
    if (command.name === 'trigger' && command.waitMs !== undefined) accepted.then(release, release);
    return reply;
  }

  /** Not within the promise that is answered: nothing of this holds the reply up. */
  private count(inbound: InboundQueue, method: unknown, reply: Promise<unknown>): void {
    inbound.begin(method === METHODS.acknowledge);
    reply.then(this.onReply, this.onRefusal);
  }

  private startedInOrder<Reply>(task: CommandTask<Reply>): CommandTask<Reply> {
    return async (release) => {
      this.starts.begin(release);
      try {
        return await task(release);
      } finally {
        this.starts.done(release);
      }
    };
  }

  /**
   * Subscribes overlap, so that a client which has many is not kept waiting for one after the other; not those of a durable subscriber, each of which may
   * have to take its session back first. A trigger without an eventguid is about to be refused:
   * where it stands in the order does not matter. One that is too long is not worth hashing.
   */
  private orderOf(method: unknown, eventguid: unknown): CommandOrder {
    if (method === METHODS.subscribe && !this.isDurable) return SUBSCRIBE;
    if (method !== METHODS.trigger || typeof eventguid !== 'string') return BARRIER;
    if (eventguid.length > EVENTGUID_BYTES) return BARRIER;
    return { kind: 'trigger', shard: this.hub.shardOf(eventguid as EventGuid) };
  }
}
