import { Hub, type Identity } from '@ringback/core';
import { Controller, Delete, Get, HttpCode, Inject, Param, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentIdentity, IdentityGuard } from '@ringback/http-kit';
import { ConnectionCount, connectionDto, ConnectionDto } from './dto/connection.dto.js';
import { CONNECTION_EXAMPLE } from './dto/examples.js';

/** Shows operators the connections of all gateways, and closes them. */
@ApiTags('operate')
@Controller('v1/connections')
@UseGuards(IdentityGuard)
export class ConnectionsController {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  @Get()
  @ApiOperation({ summary: 'How many connections there are on all nodes' })
  @ApiOkResponse({ type: ConnectionCount })
  @ApiProblems()
  async connections(@CurrentIdentity() identity: Identity): Promise<ConnectionCount> {
    return { count: await this.hub.operator.connections(identity) };
  }

  @Get(':connectionId')
  @ApiOperation({ summary: 'One connection, on whichever node' })
  @ApiParam({ name: 'connectionId', type: String, example: CONNECTION_EXAMPLE })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems('not-found')
  async connection(
    @CurrentIdentity() identity: Identity,
    @Param('connectionId') connectionId: string,
  ): Promise<ConnectionDto> {
    return connectionDto(await this.hub.operator.connection(identity, connectionId));
  }

  @Delete(':connectionId')
  @HttpCode(204)
  @ApiOperation({ summary: 'Close a connection, on whichever node; its client is told not to reconnect' })
  @ApiParam({ name: 'connectionId', type: String, example: CONNECTION_EXAMPLE })
  @ApiNoContentResponse({ description: 'It is being closed.' })
  @ApiProblems('not-found')
  async disconnect(
    @CurrentIdentity() identity: Identity,
    @Param('connectionId') connectionId: string,
  ): Promise<void> {
    await this.hub.operator.disconnect(identity, connectionId);
  }
}
