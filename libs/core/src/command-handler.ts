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

/** What a command is answered with on protocols with methods. */
export type CommandReply =
  SubscribeReply | UnsubscribeReply | AcknowledgeReply | TriggerReply | DescribeReply;

/** Carries out the commands of one connection, and puts what became of them in the words of the wire. */
export class CommandRunner {
  constructor(
    private readonly hub: Pick<Hub, 'subscribe' | 'unsubscribe' | 'acknowledge' | 'trigger' | 'clusterId'>,
    private readonly identity: Identity,
    private readonly connectionId: string,
  ) {}

  /** Rejects as the hub does, with a coded error. */
  carryOut(command: Command): Promise<CommandReply> {
    if (command.name === 'subscribe') return this.subscribe(command.request);
    if (command.name === 'unsubscribe') return this.unsubscribe(command.eventguid);
    if (command.name === 'acknowledge') return this.acknowledge(command.eventguid, command.position);
    if (command.name === 'describe') return this.describe();
    return this.trigger(command);
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

  private async trigger({ trigger, waitMs }: Command & { name: 'trigger' }): Promise<TriggerReply> {
    const { position, subscribers, receipt } = await this.hub.trigger(this.identity, trigger, waitMs);
    return {
      ok: true,
      position: formatPosition(position),
      subscribers,
      ...(receipt !== undefined && { receipt }),
    };
  }
}
