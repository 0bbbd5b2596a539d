import type { EventGuid } from '@ringback/contract';
import { Hub, type Identity, type PageRequest } from '@ringback/core';
import { Controller, Delete, Get, HttpCode, Inject, Query, Req, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiEventGuidQuery,
  ApiProblems,
  CurrentIdentity,
  EventGuidPipe,
  IdentityGuard,
  RequestIdentifier,
  type AddressedRequest,
} from '@ringback/http-kit';
import {
  ApiConnectionQuery,
  ApiDurableSubscriberQuery,
  ApiSubscriberQuery,
} from './api-identifiers.decorator.js';
import { ApiPaged } from './api-paged.decorator.js';
import { connectionDto, ConnectionDto } from './dto/connection.dto.js';
import { envelopeDto, HistoryPage } from './dto/envelope.dto.js';
import { EventDto, eventDto } from './dto/event.dto.js';
import { pageOf } from './dto/page.dto.js';
import { sessionDto, SessionDto } from './dto/session.dto.js';
import { subscriptionDto, SubscriptionPage } from './dto/subscription.dto.js';
import { EventPagePipe } from './page.pipe.js';
import { OperatorActs } from './operator-acts.js';

/** The operations of the other controllers on one event, subscriber or connection, named in the query: proxies may decode what is in a path. */
@ApiTags('operate')
@Controller('v1')
@UseGuards(IdentityGuard)
export class NamedInQueryController {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(OperatorActs) private readonly acts: OperatorActs,
  ) {}

  @Get('event')
  @ApiOperation({ summary: 'One event' })
  @ApiEventGuidQuery()
  @ApiOkResponse({ type: EventDto })
  @ApiProblems('bad-eventguid', 'not-found')
  async event(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
  ): Promise<EventDto> {
    return eventDto(await this.hub.operator.event(identity, eventguid));
  }

  @Get('subscriptions')
  @ApiOperation({ summary: 'The stored subscriptions of one event' })
  @ApiEventGuidQuery()
  @ApiPaged()
  @ApiOkResponse({ type: SubscriptionPage })
  @ApiProblems('bad-eventguid')
  async subscriptions(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
    @Query(EventPagePipe) page: PageRequest,
  ): Promise<SubscriptionPage> {
    return pageOf(await this.hub.operator.subscriptions(identity, eventguid, page), subscriptionDto);
  }

  @Delete('subscriptions')
  @HttpCode(204)
  @ApiOperation({ summary: 'End a subscription, on whichever node' })
  @ApiEventGuidQuery()
  @ApiSubscriberQuery()
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

  @Get('history')
  @ApiOperation({ summary: 'The kept history of one event, oldest first' })
  @ApiEventGuidQuery()
  @ApiPaged()
  @ApiOkResponse({ type: HistoryPage })
  @ApiProblems('bad-eventguid')
  async history(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('eventguid', EventGuidPipe) eventguid: EventGuid,
    @Query(EventPagePipe) page: PageRequest,
  ): Promise<HistoryPage> {
    return pageOf(await this.hub.operator.history(identity, eventguid, page), envelopeDto);
  }

  @Get('session')
  @ApiOperation({ summary: 'One session, away or not' })
  @ApiDurableSubscriberQuery()
  @ApiOkResponse({ type: SessionDto })
  @ApiProblems('not-found')
  async session(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('subscriber') subscriber: string,
  ): Promise<SessionDto> {
    return sessionDto(await this.hub.operator.session(identity, subscriber));
  }

  @Get('connection')
  @ApiOperation({ summary: 'One connection, on whichever node' })
  @ApiConnectionQuery()
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems('not-found')
  async connection(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('connection') connectionId: string,
  ): Promise<ConnectionDto> {
    return connectionDto(await this.hub.operator.connection(identity, connectionId));
  }

  @Delete('connection')
  @HttpCode(204)
  @ApiOperation({ summary: 'Close a connection, on whichever node; its client is told not to reconnect' })
  @ApiConnectionQuery()
  @ApiNoContentResponse({ description: 'It is being closed.' })
  @ApiProblems('not-found')
  async disconnect(
    @CurrentIdentity() identity: Identity,
    @Req() request: AddressedRequest,
    @RequestIdentifier('connection') connectionId: string,
  ): Promise<void> {
    await this.acts.closeConnection(identity, request, connectionId);
  }
}
