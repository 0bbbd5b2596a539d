import { endsSubscription } from '@ringback/client';
import { DEFAULT_LIMITS, HubError, parseEventGuid, utf8Bytes } from '@ringback/contract';
import { Body, Controller, Delete, Get, Inject, Param, Put, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '@ringback/http-kit';
import { AGENT_PARTS, type AgentParts } from '../agent-parts.js';
import type { WantedSubscription } from '../sources/subscription-book.port.js';
import type { SubscriptionDesk } from '../sources/subscription-desk.js';
import { fieldsOf, receiptMinutesOf } from './request-body.js';
import { subscriptionDto, SubscriptionDto, SubscriptionListDto, WantedDto } from './subscription.dto.js';

/** The part of a reply that is needed here. */
interface StatusReply {
  status(code: number): unknown;
}

const EVENTGUID = { name: 'eventguid', description: 'Percent-encoded.' };

/** Lets operators subscribe the agent while it runs, as RealtimeSubscribeToEvent does. */
@ApiTags('subscriptions')
@Controller('subscriptions')
export class SubscriptionsController {
  private readonly desk: SubscriptionDesk;

  constructor(@Inject(AGENT_PARTS) { desk }: AgentParts) {
    this.desk = desk;
  }

  @Get()
  @ApiOperation({ summary: 'All subscriptions, at all hubs' })
  @ApiOkResponse({ type: SubscriptionListDto })
  @ApiProblems()
  async list(): Promise<SubscriptionListDto> {
    return { items: (await this.desk.list()).map(subscriptionDto) };
  }

  @Put(':hub/:eventguid')
  @ApiOperation({ summary: 'Subscribe, or change the cookie; a blank cookie unsubscribes' })
  @ApiParam(EVENTGUID)
  @ApiBody({ type: WantedDto })
  @ApiResponse({ status: 200, type: SubscriptionDto, description: 'The hub has it.' })
  @ApiResponse({ status: 202, type: SubscriptionDto, description: 'The hub does not know yet.' })
  @ApiResponse({ status: 204, description: 'Unsubscribed.' })
  @ApiProblems('bad-eventguid', 'cookie-too-large', 'not-found', 'too-many-subscriptions')
  async put(
    @Param('hub') hub: string,
    @Param('eventguid') eventguid: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<SubscriptionDto | undefined> {
    const wanted = readWanted(parseEventGuid(eventguid), body);
    if (endsSubscription(wanted.cookie)) return this.remove(hub, eventguid, reply);
    const subscription = await this.desk.put(hub, wanted);
    reply.status(subscription.state === 'pending' ? 202 : 200);
    return subscriptionDto(subscription);
  }

  @Delete(':hub/:eventguid')
  @ApiOperation({ summary: 'Unsubscribe' })
  @ApiParam(EVENTGUID)
  @ApiResponse({ status: 202, description: 'The hub does not know yet.' })
  @ApiResponse({ status: 204 })
  @ApiProblems('not-found')
  async remove(
    @Param('hub') hub: string,
    @Param('eventguid') eventguid: string,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<undefined> {
    const isKnown = await this.desk.remove(hub, parseEventGuid(eventguid));
    reply.status(isKnown ? 204 : 202);
  }
}

function readWanted(eventguid: string, body: unknown): WantedSubscription {
  const fields = fieldsOf(body, ['cookie', 'once', 'keepReceiptMinutes']);
  const { cookie, once = false } = fields as { readonly cookie?: unknown; readonly once?: unknown };
  if (typeof cookie !== 'string') throw new HubError('bad-request', 'cookie is not text.');
  if (utf8Bytes(cookie) > DEFAULT_LIMITS.cookieBytes) throw new HubError('cookie-too-large');
  if (typeof once !== 'boolean') throw new HubError('bad-request', 'once is neither true nor false.');
  const keepReceiptMinutes = receiptMinutesOf(fields['keepReceiptMinutes'], 'keepReceiptMinutes');
  return { eventguid, cookie, once, keepReceiptMinutes };
}
