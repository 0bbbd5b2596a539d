import {
  CLIENT_METHODS,
  formatPosition,
  HubError,
  type AcknowledgeReply,
  type ErrorReply,
  type EventGuid,
  type Position,
  type SubscribeReply,
  type Trigger,
  type TriggerReply,
  type UnsubscribeReply,
} from '@ringback/contract';
import type { Hub, Identity, SubscribeRequest } from '@ringback/core';
import { parseCommand } from './socketio.commands.js';
import type { SocketIoConnection } from './socketio.connection.js';
import { errorNotice, errorReply } from './socketio.errors.js';

type Reply = SubscribeReply | UnsubscribeReply | AcknowledgeReply | TriggerReply;
type Acknowledge = (reply: Reply | ErrorReply) => void;

/** Carries out the commands of one connection and answers them. */
export class CommandRunner {
  private waiting = 0;

  constructor(
    private readonly hub: Hub,
    private readonly identity: Identity,
    private readonly connection: SocketIoConnection,
  ) {}

  /** One message as Socket.IO hands it over: name, arguments and, where the client wants a reply, the acknowledgement. */
  receive(message: readonly unknown[]): void {
    const [method, ...args] = message;
    const acknowledge = typeof args.at(-1) === 'function' ? (args.pop() as Acknowledge) : undefined;
    this.settle(this.run(method, args), method, acknowledge);
  }

  private settle(command: Promise<Reply>, method: unknown, acknowledge: Acknowledge | undefined): void {
    command
      .then((reply) => this.connection.answer(() => acknowledge?.(reply)))
      .catch((error: unknown) => this.refuse(this.hub.failed(error), method, acknowledge));
  }

  private refuse(error: HubError, method: unknown, acknowledge: Acknowledge | undefined): void {
    this.connection.answer((socket) => {
      if (acknowledge) acknowledge(errorReply(error));
      else socket.emit(CLIENT_METHODS.error, errorNotice(error, method));
    });
  }

  private async run(method: unknown, args: readonly unknown[]): Promise<Reply> {
    if (!this.connection.open) throw new HubError('closed');
    if (this.waiting >= this.hub.limits.commandsPerConnection) throw new HubError('too-many-commands');
    this.waiting++;
    try {
      return await this.carryOut(method, args);
    } finally {
      this.waiting--;
    }
  }

  private carryOut(method: unknown, args: readonly unknown[]): Promise<Reply> {
    const command = parseCommand(method, args);
    if (command.name === 'subscribe') return this.subscribe(command.request);
    if (command.name === 'unsubscribe') return this.unsubscribe(command.eventguid);
    if (command.name === 'acknowledge') return this.acknowledge(command.eventguid, command.position);
    return this.trigger(command.trigger, command.waitMs);
  }

  private async subscribe(request: SubscribeRequest): Promise<SubscribeReply> {
    const { position, resumed, ...rest } = await this.hub.subscribe(this.connection.connectionId, request);
    return {
      ok: true,
      position: formatPosition(position),
      ...rest,
      ...(resumed && { resumed: formatPosition(resumed) }),
    };
  }

  private async unsubscribe(eventguid: EventGuid): Promise<UnsubscribeReply> {
    return { ok: true, removed: await this.hub.unsubscribe(this.connection.connectionId, eventguid) };
  }

  private async acknowledge(eventguid: EventGuid, position: Position): Promise<AcknowledgeReply> {
    await this.hub.acknowledge(this.connection.connectionId, eventguid, position);
    return { ok: true };
  }

  private async trigger(trigger: Trigger, waitMs: number | undefined): Promise<TriggerReply> {
    const { position, subscribers, receipt } = await this.hub.trigger(this.identity, trigger, waitMs);
    return {
      ok: true,
      position: formatPosition(position),
      subscribers,
      ...(receipt !== undefined && { receipt }),
    };
  }
}
