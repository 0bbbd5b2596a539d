import {
  formatPosition,
  type AcknowledgeReply,
  type Command,
  type EventGuid,
  type Position,
  type SubscribeReply,
  type TriggerReply,
  type UnsubscribeReply,
} from '@ringback/contract';
import type { Hub, Identity, SubscribeRequest } from '@ringback/core';
import { HubException } from '@ringback/signalr';

type Reply = SubscribeReply | UnsubscribeReply | AcknowledgeReply | TriggerReply;

/** Carries out the commands of one connection. */
export class CommandRunner {
  constructor(
    private readonly hub: Hub,
    private readonly identity: Identity,
    private readonly connectionId: string,
  ) {}

  /** Rejects with what the client is told: `<code>: <message>`. */
  async run(parse: () => Command): Promise<Reply> {
    try {
      return await this.carryOut(parse());
    } catch (error) {
      throw toldError(this.hub, error);
    }
  }

  private carryOut(command: Command): Promise<Reply> {
    if (command.name === 'subscribe') return this.subscribe(command.request);
    if (command.name === 'unsubscribe') return this.unsubscribe(command.eventguid);
    if (command.name === 'acknowledge') return this.acknowledge(command.eventguid, command.position);
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

/** An error as clients are told it. */
export function toldError(hub: Pick<Hub, 'failed'>, error: unknown): HubException {
  const { code, message } = hub.failed(error);
  return new HubException(`${code}: ${message}`);
}
