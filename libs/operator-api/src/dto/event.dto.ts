import { formatPosition } from '@ringback/contract';
import type { EventSummary } from '@ringback/core';
import { ApiProperty } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE, POSITION_EXAMPLE } from '@ringback/http-kit';
import { PageDto } from './page.dto.js';

/** An event that somebody is subscribed to, or that was triggered of late. */
export class EventDto {
  @ApiProperty({ type: String, example: EVENTGUID_EXAMPLE })
  readonly eventguid!: string;

  @ApiProperty({
    type: String,
    example: POSITION_EXAMPLE,
    description: 'Of its last envelope, epoch:offset.',
  })
  readonly position!: string;

  @ApiProperty({ type: Number, example: 3, description: 'Stored subscriptions.' })
  readonly subscribers!: number;

  @ApiProperty({ type: Number, example: 17, description: 'Envelopes kept in its history.' })
  readonly kept!: number;
}

/** A page of events. */
export class EventPage extends PageDto {
  @ApiProperty({ type: [EventDto] })
  readonly items!: readonly EventDto[];
}

export function eventDto({ eventguid, position, subscribers, kept }: EventSummary): EventDto {
  return { eventguid, position: formatPosition(position), subscribers, kept };
}
