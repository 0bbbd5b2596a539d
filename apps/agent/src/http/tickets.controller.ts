import { HubError } from '@ringback/contract';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '@ringback/http-kit';
import { documentOf } from '../tickets/ticket-document.js';
import { freshTicketId } from '../tickets/ticket-id.js';
import { TICKET_STATES, type NewTicket } from '../tickets/ticket.js';
import type { TicketQueue } from '../tickets/ticket-queue.port.js';
import { AGENT_PARTS, type AgentParts } from '../agent-parts.js';
import { dataOf, fieldsOf, nameOf, receiptMinutesOf, timeOf } from './request-body.js';
import { NewTicketDto, TicketDto, TicketPageDto } from './ticket.dto.js';
import { readTicketQuery } from './ticket-query.js';

/** Shows operators the tickets, and lets them retry, remove and make some. */
@ApiTags('tickets')
@Controller('tickets')
export class TicketsController {
  private readonly queue: TicketQueue;

  constructor(@Inject(AGENT_PARTS) { queue }: AgentParts) {
    this.queue = queue;
  }

  @Get()
  @ApiOperation({ summary: 'The tickets, page by page' })
  @ApiQuery({ name: 'state', required: false, enum: TICKET_STATES })
  @ApiQuery({ name: 'hub', required: false })
  @ApiQuery({ name: 'viewModel', required: false })
  @ApiQuery({ name: 'cursor', required: false, description: 'The `next` of the page before.' })
  @ApiQuery({ name: 'limit', required: false, description: '1 to 1,000; 100 if absent.' })
  @ApiOkResponse({ type: TicketPageDto })
  @ApiProblems('bad-request')
  async list(@Query() query: unknown): Promise<TicketPageDto> {
    const { items, next } = await this.queue.list(readTicketQuery(query));
    return { items: items.map(documentOf), ...(next !== undefined && { next }) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One ticket' })
  @ApiOkResponse({ type: TicketDto })
  @ApiProblems('not-found')
  async get(@Param('id') id: string): Promise<TicketDto> {
    const ticket = await this.queue.get(id);
    if (!ticket) throw new HubError('not-found', 'There is no such ticket.');
    return documentOf(ticket);
  }

  @Post()
  @ApiOperation({ summary: 'Make a ticket by hand' })
  @ApiBody({ type: NewTicketDto })
  @ApiResponse({ status: 201, type: TicketDto })
  @ApiProblems('bad-request', 'data-too-large', 'too-many-commands')
  async make(@Body() body: unknown): Promise<TicketDto> {
    const ticket = readTicket(body);
    await this.queue.add(ticket);
    return documentOf((await this.queue.get(ticket.id)) ?? { ...ticket, state: 'waiting', attempts: 0 });
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Have a failed ticket carried out anew' })
  @ApiResponse({ status: 202, type: TicketDto })
  @ApiProblems('bad-request', 'not-found')
  async retry(@Param('id') id: string): Promise<TicketDto> {
    await this.queue.retry(id);
    return this.get(id);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a ticket; its delivery does not come again' })
  @ApiResponse({ status: 204 })
  @ApiProblems('bad-request', 'not-found')
  async remove(@Param('id') id: string): Promise<void> {
    await this.queue.remove(id);
  }
}

function readTicket(body: unknown): NewTicket {
  const fields = fieldsOf(body, ['ViewModel', 'RootId', 'ExecuteEarliest', 'KeepReceiptMinutes', 'data']);
  const executeEarliest = timeOf(fields['ExecuteEarliest'], 'ExecuteEarliest');
  return {
    id: freshTicketId(),
    viewModel: nameOf(fields['ViewModel'], 'ViewModel'),
    rootId: nameOf(fields['RootId'], 'RootId'),
    ...(executeEarliest !== undefined && { executeEarliest }),
    keepReceiptMinutes: receiptMinutesOf(fields['KeepReceiptMinutes'], 'KeepReceiptMinutes'),
    created: Date.now(),
    data: dataOf(fields['data']),
  };
}
