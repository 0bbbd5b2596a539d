import { Hub, type Identity, type PageRequest } from '@ringback/core';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentIdentity, IdentityGuard, RequestIdentifier } from '@ringback/http-kit';
import { ApiDurableSubscriber } from './api-identifiers.decorator.js';
import { ApiPaged } from './api-paged.decorator.js';
import { pageOf } from './dto/page.dto.js';
import { sessionDto, SessionDto, SessionPage } from './dto/session.dto.js';
import { PagePipe } from './page.pipe.js';

/** Shows operators the sessions of durable subscribers. */
@ApiTags('operate')
@Controller('v1/sessions')
@UseGuards(IdentityGuard)
export class SessionsController {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'The sessions that are away, those that end soonest first' })
  @ApiPaged()
  @ApiOkResponse({ type: SessionPage })
  @ApiProblems('bad-request')
  async sessions(
    @CurrentIdentity() identity: Identity,
    @Query(PagePipe) page: PageRequest,
  ): Promise<SessionPage> {
    return pageOf(await this.hub.operator.sessions(identity, page), sessionDto);
  }

  @Get(':subscriber')
  @ApiOperation({ summary: 'One session, away or not' })
  @ApiDurableSubscriber()
  @ApiOkResponse({ type: SessionDto })
  @ApiProblems('not-found')
  async session(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('subscriber') subscriber: string,
  ): Promise<SessionDto> {
    return sessionDto(await this.hub.operator.session(identity, subscriber));
  }
}
