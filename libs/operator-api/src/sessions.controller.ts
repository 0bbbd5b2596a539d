import { Hub, type Identity, type PageRequest } from '@ringback/core';
import { Controller, Get, Inject, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentIdentity, IdentityGuard } from '@ringback/http-kit';
import { ApiPaged } from './api-paged.decorator.js';
import { NAMED_EXAMPLE } from './dto/examples.js';
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

  @Get(':subscriberId')
  @ApiOperation({ summary: 'One session, away or not' })
  @ApiParam({ name: 'subscriberId', type: String, example: NAMED_EXAMPLE, description: 'Percent-encoded.' })
  @ApiOkResponse({ type: SessionDto })
  @ApiProblems('not-found')
  async session(
    @CurrentIdentity() identity: Identity,
    @Param('subscriberId') subscriber: string,
  ): Promise<SessionDto> {
    return sessionDto(await this.hub.operator.session(identity, subscriber));
  }
}
