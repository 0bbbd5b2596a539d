import {
  formatPosition,
  type AcknowledgeReply,
  type Command,
  type DescribeReply,
  type EventGuid,
  type Position,
  type SubscribeReply,
  type SubscribeRequest,
  type TriggerReply,
  type UnsubscribeReply,
} from '@ringback/contract';
import type { Hub } from './hub.js';
import type { Identity } from './ports/access-policy.port.js';
import type { TriggerResult } from './trigger-service.js';

/** What a command is answered with on protocols with methods. */
export type CommandReply =
  SubscribeReply | UnsubscribeReply | AcknowledgeReply | TriggerReply | DescribeReply;

/** A command under way. Both promises reject as the hub does, with a coded error. */
export interface CommandExecution {
  /** Resolves once what the command does is done: what comes later in order may begin. A receipt may still be on its way. */
  readonly accepted: Promise<unknown>;
  readonly reply: Promise<CommandReply>;
}

/** Executes the commands of one connection, and puts what became of them in the words of the wire. */
export class CommandHandler {
  constructor(
    private readonly hub: Pick<Hub, 'subscribe' | 'unsubscribe' | 'acknowledge' | 'trigger' | 'clusterId'>,
    private readonly identity: Identity,
    private readonly connectionId: string,
  ) {}

  /** Rejects as the hub does, with a coded error. */
  execute(command: Command): Promise<CommandReply> {
    return this.start(command).reply;
  }

  /** Triggers stand with the relay in the order in which they were started, see `Hub.trigger`. */
  start(command: Command): CommandExecution {
    if (command.name === 'trigger') return this.trigger(command);
    const reply = this.run(command);
    return { accepted: reply, reply };
  }

  private run(command: Exclude<Command, { readonly name: 'trigger' }>): Promise<CommandReply> {
    if (command.name === 'subscribe') return this.subscribe(command.request);
    if (command.name === 'unsubscribe') return this.unsubscribe(command.eventguid);
    if (command.name === 'acknowledge') return this.acknowledge(command.eventguid, command.position);
    return this.describe();
  }

  private async subscribe(request: SubscribeRequest): Promise<SubscribeReply> {
    const { position, resumed, ...rest } = await this.hub.subscribe(this.connectionId, request);
    return {
      ok: true,
      position: formatPosition(position),
      ...rest,
      ...(resumed && { resumed: formatPosition(resumed) }),
    };
  }

  private async unsubscribe(eventguid: EventGuid): Promise<UnsubscribeReply> {
    return { ok: true, removed: await this.hub.unsubscribe(this.connectionId, eventguid) };
  }

  private async acknowledge(eventguid: EventGuid, position: Position): Promise<AcknowledgeReply> {
    await this.hub.acknowledge(this.connectionId, eventguid, position);
    return { ok: true };
  }

  private async describe(): Promise<DescribeReply> {
    return { ok: true, clusterId: await this.hub.clusterId() };
  }

  private trigger({ trigger, waitMs }: Command & { name: 'trigger' }): CommandExecution {
    const sender = this.connectionId;
    const options = waitMs === undefined ? { sender } : { sender, waitMs };
    const accepted = this.hub.trigger(this.identity, trigger, options);
    return { accepted, reply: triggerReply(accepted) };
  }
}

async function triggerReply(accepted: Promise<TriggerResult>): Promise<TriggerReply> {
  const { position, subscribers, receipt } = await accepted;
  return {
    ok: true,
    position: formatPosition(position),
    subscribers,
    ...(receipt && { receipt: await receipt }),
  };
}
