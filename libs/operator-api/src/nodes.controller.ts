import { Hub, type Identity, type PageRequest } from '@ringback/core';
import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentIdentity, IdentityGuard } from '@ringback/http-kit';
import { ApiPaged } from './api-paged.decorator.js';
import { nodeDto, NodePage } from './dto/node.dto.js';
import { pageOf } from './dto/page.dto.js';
import { PagePipe } from './page.pipe.js';

/** Shows operators the nodes of the cluster. */
@ApiTags('operate')
@Controller('v1/nodes')
@UseGuards(IdentityGuard)
export class NodesController {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'The nodes that hold a lease' })
  @ApiPaged()
  @ApiOkResponse({ type: NodePage })
  @ApiProblems('bad-request')
  async nodes(@CurrentIdentity() identity: Identity, @Query(PagePipe) page: PageRequest): Promise<NodePage> {
    return pageOf(await this.hub.operator.nodes(identity, page), nodeDto);
  }
}
