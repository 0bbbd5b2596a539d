import { Hub, type Identity } from '@ringback/core';
import { Controller, Delete, Get, HttpCode, Inject, Req, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiProblems,
  CurrentIdentity,
  IdentityGuard,
  RequestIdentifier,
  type AddressedRequest,
} from '@ringback/http-kit';
import { ApiConnection } from './api-identifiers.decorator.js';
import { ConnectionCount, connectionDto, ConnectionDto } from './dto/connection.dto.js';
import { OperatorActs } from './operator-acts.js';

/** Shows operators the connections of all gateways, and closes them. */
@ApiTags('operate')
@Controller('v1/connections')
@UseGuards(IdentityGuard)
export class ConnectionsController {
  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(OperatorActs) private readonly acts: OperatorActs,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How many connections there are on all nodes' })
  @ApiOkResponse({ type: ConnectionCount })
  @ApiProblems()
  async connections(@CurrentIdentity() identity: Identity): Promise<ConnectionCount> {
    return { count: await this.hub.operator.connections(identity) };
  }

  @Get(':connection')
  @ApiOperation({ summary: 'One connection, on whichever node' })
  @ApiConnection()
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems('not-found')
  async connection(
    @CurrentIdentity() identity: Identity,
    @RequestIdentifier('connection') connectionId: string,
  ): Promise<ConnectionDto> {
    return connectionDto(await this.hub.operator.connection(identity, connectionId));
  }

  @Delete(':connection')
  @HttpCode(204)
  @ApiOperation({ summary: 'Close a connection, on whichever node; its client is told not to reconnect' })
  @ApiConnection()
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
