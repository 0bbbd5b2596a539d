import { endsSubscription } from '@ringback/client';
import { DEFAULT_LIMITS, HubError, parseEventGuid, utf8Bytes } from '@ringback/contract';
import { applyDecorators, Body, Controller, Delete, Get, Inject, Put, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { ApiProblems, RequestIdentifier } from '@ringback/http-kit';
import { AGENT_PARTS, type AgentParts } from '../agent-parts.js';
import type { WantedSubscription } from '../sources/subscription-book.port.js';
import type { SubscriptionDesk } from '../sources/subscription-desk.js';
import { fieldsOf, receiptMinutesOf } from './request-body.js';
import { subscriptionDto, SubscriptionDto, SubscriptionListDto, WantedDto } from './subscription.dto.js';

/** The part of a reply that is needed here. */
interface StatusReply {
  status(code: number): unknown;
}

const IN_PATH = applyDecorators(
  ApiParam({ name: 'hub', type: String }),
  ApiParam({ name: 'eventguid', type: String, description: 'Percent-encoded.' }),
);
const IN_QUERY = applyDecorators(
  ApiQuery({ name: 'hub', type: String }),
  ApiQuery({ name: 'eventguid', type: String }),
);

function ApiPut(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Subscribe, or change the cookie; a blank cookie unsubscribes' }),
    ApiBody({ type: WantedDto }),
    ApiResponse({ status: 200, type: SubscriptionDto, description: 'The hub has it.' }),
    ApiResponse({ status: 202, type: SubscriptionDto, description: 'The hub does not know yet.' }),
    ApiResponse({ status: 204, description: 'Unsubscribed.' }),
    ApiProblems('bad-eventguid', 'cookie-too-large', 'not-found', 'too-many-subscriptions'),
  );
}

function ApiDelete(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Unsubscribe' }),
    ApiResponse({ status: 202, description: 'The hub does not know yet.' }),
    ApiResponse({ status: 204 }),
    ApiProblems('not-found'),
  );
}

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
  @IN_PATH
  @ApiPut()
  putByPath(
    @RequestIdentifier('hub') hub: string,
    @RequestIdentifier('eventguid') eventguid: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<SubscriptionDto | undefined> {
    return this.put(hub, eventguid, body, reply);
  }

  /** The identifiers stand where no proxy decodes them. */
  @Put()
  @IN_QUERY
  @ApiPut()
  async put(
    @RequestIdentifier('hub') hub: string,
    @RequestIdentifier('eventguid') eventguid: string,
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
  @IN_PATH
  @ApiDelete()
  removeByPath(
    @RequestIdentifier('hub') hub: string,
    @RequestIdentifier('eventguid') eventguid: string,
    @Res({ passthrough: true }) reply: StatusReply,
  ): Promise<undefined> {
    return this.remove(hub, eventguid, reply);
  }

  @Delete()
  @IN_QUERY
  @ApiDelete()
  async remove(
    @RequestIdentifier('hub') hub: string,
    @RequestIdentifier('eventguid') eventguid: string,
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
