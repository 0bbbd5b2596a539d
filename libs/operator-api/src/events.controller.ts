import type { EventGuid } from '@ringback/contract';
import { Hub, type Identity, type PageRequest } from '@ringback/core';
import { Controller, Delete, Get, HttpCode, Inject, Query, Req, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiEventGuid,
  ApiProblems,
  CurrentIdentity,
  EventGuidPipe,
  IdentityGuard,
  RequestIdentifier,
  type AddressedRequest,
} from '@ringback/http-kit';
import { ApiPaged } from './api-paged.decorator.js';
import { ApiSubscriber } from './api-identifiers.decorator.js';
import { envelopeDto, HistoryPage } from './dto/envelope.dto.js';
import { EventDto, eventDto, EventPage } from './dto/event.dto.js';
import { pageOf } from './dto/page.dto.js';
import { subscriptionDto, SubscriptionPage } from './dto/subscription.dto.js';
import { EventPagePipe, PagePipe } from './page.pipe.js';
import { OperatorActs } from './operator-acts.js';

/** Shows operators the events, and who is subscribed to them. */
@ApiTags('operate')
@Controller('v1/events')
@UseGuards(IdentityGuard)
export class EventsController {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(OperatorActs) private readonly acts: OperatorActs,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Events that somebody is subscribed to, and those triggered of late' })
  @ApiPaged()
  @ApiOkResponse({ type: EventPage })
  @ApiProblems('bad-request')
  async events(
    @CurrentIdentity() identity: Identity,
    @Query(PagePipe) page: PageRequest,
  ): Promise<EventPage> {
    return pageOf(await this.hub.operator.events(identity, page), eventDto);
  }

  @Get(':eventguid')
  @ApiOperation({ summary: 'One event' })
  @ApiEventGuid()
  @ApiOkResponse({ type: EventDto })
  @ApiProblems('bad-eventguid', 'not-found')
  async event(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
  ): Promise<EventDto> {
    return eventDto(await this.hub.operator.event(identity, eventguid));
  }

  @Get(':eventguid/subscriptions')
  @ApiOperation({ summary: 'The stored subscriptions of one event' })
  @ApiEventGuid()
  @ApiPaged()
  @ApiOkResponse({ type: SubscriptionPage })
  @ApiProblems('bad-request', 'bad-eventguid')
  async subscriptions(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
    @Query(EventPagePipe) page: PageRequest,
  ): Promise<SubscriptionPage> {
    return pageOf(await this.hub.operator.subscriptions(identity, eventguid, page), subscriptionDto);
  }

  @Get(':eventguid/history')
  @ApiOperation({ summary: 'The kept history of one event, oldest first' })
  @ApiEventGuid()
  @ApiPaged()
  @ApiOkResponse({ type: HistoryPage })
  @ApiProblems('bad-request', 'bad-eventguid')
  async history(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
    @Query(EventPagePipe) page: PageRequest,
  ): Promise<HistoryPage> {
    return pageOf(await this.hub.operator.history(identity, eventguid, page), envelopeDto);
  }

  @Delete(':eventguid/subscriptions/:subscriber')
  @HttpCode(204)
  @ApiOperation({ summary: 'End a subscription, on whichever node' })
  @ApiEventGuid()
  @ApiSubscriber()
  @ApiNoContentResponse({ description: 'It has ended.' })
  @ApiProblems('bad-eventguid', 'not-found')
  async removeSubscription(
    @CurrentIdentity() identity: Identity,
    @Req() request: AddressedRequest,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
    @RequestIdentifier('subscriber') subscriber: string,
  ): Promise<void> {
    await this.acts.endSubscription(identity, request, eventguid, subscriber);
  }
}
