import { ApiProperty } from '@nestjs/swagger';
import type { TicketDocument } from '../tickets/ticket-document.js';
import { TICKET_STATES, type TicketState } from '../tickets/ticket.js';

const TIME = { type: String, format: 'date-time', nullable: true } as const;

/** A ticket as the API describes it. */
export class TicketDto implements TicketDocument {
  @ApiProperty()
  readonly id!: string;

  @ApiProperty({ example: 'Alarm' })
  readonly ViewModel!: string;

  @ApiProperty({ example: '42!17' })
  readonly RootId!: string;

  @ApiProperty({ ...TIME, description: 'Not before then; null is as soon as possible.' })
  readonly ExecuteEarliest!: string | null;

  @ApiProperty({ example: 10 })
  readonly KeepReceiptMinutes!: number;

  @ApiProperty({ ...TIME, description: 'When it was finished.' })
  readonly Done!: string | null;

  @ApiProperty({ ...TIME, description: 'When the finished ticket goes.' })
  readonly DeleteTime!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it, or its last attempt, failed.' })
  readonly Error!: string | null;

  @ApiProperty({ enum: TICKET_STATES })
  readonly state!: TicketState;

  @ApiProperty()
  readonly attempts!: number;

  @ApiProperty({ type: String, format: 'date-time' })
  readonly created!: string;

  @ApiProperty()
  readonly data!: string;

  @ApiProperty({ required: false, enum: ['base64'] })
  readonly encoding?: 'base64';

  @ApiProperty({ required: false })
  readonly hub?: string;

  @ApiProperty({ required: false })
  readonly eventguid?: string;

  @ApiProperty({ required: false })
  readonly cookie?: string;

  @ApiProperty({ required: false, example: '3fNq:17' })
  readonly position?: string;
}

/** Some tickets. */
export class TicketPageDto {
  @ApiProperty({ type: [TicketDto] })
  readonly items!: readonly TicketDto[];

  @ApiProperty({ required: false, description: 'The `cursor` of the next page; absent on the last.' })
  readonly next?: string;
}

/** A ticket that an operator makes by hand. */
export class NewTicketDto {
  @ApiProperty({ example: 'Alarm' })
  readonly ViewModel!: string;

  @ApiProperty({ example: '42!17' })
  readonly RootId!: string;

  @ApiProperty({ type: String, format: 'date-time', required: false })
  readonly ExecuteEarliest?: string;

  @ApiProperty({ required: false, default: 10 })
  readonly KeepReceiptMinutes?: number;

  @ApiProperty({ required: false })
  readonly data?: string;
}
