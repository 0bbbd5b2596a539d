import { formatPosition } from '@ringback/contract';
import type { SessionEvent, SessionHolder, SessionSummary, SubscriberStanding } from '@ringback/core';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE, POSITION_EXAMPLE } from '@ringback/http-kit';
import { CONNECTION_EXAMPLE, NAMED_EXAMPLE, NODE_EXAMPLE, TIME_EXAMPLE } from './examples.js';
import { PageDto } from './page.dto.js';

/** An event that a session holds. */
class SessionEventDto {
  @ApiProperty({ type: String, example: EVENTGUID_EXAMPLE })
  readonly eventguid!: string;

  @ApiPropertyOptional({
    type: String,
    example: POSITION_EXAMPLE,
    description: 'Everything up to here has been processed, epoch:offset.',
  })
  readonly acknowledged?: string;
}

/** Where a session is, and since when. */
abstract class SessionStateDto {
  @ApiPropertyOptional({
    type: String,
    example: CONNECTION_EXAMPLE,
    description: 'The connection that it is at; absent while it is away.',
  })
  readonly connectionId?: string;

  @ApiPropertyOptional({ type: String, example: NODE_EXAMPLE, description: 'The node of that connection.' })
  readonly nodeId?: string;

  @ApiProperty({
    type: Number,
    example: TIME_EXAMPLE,
    description: 'When it was taken, acknowledged something or was left last, milliseconds since 1970.',
  })
  readonly lastSeenAt!: number;
}

/** What of a durable subscriber outlasts its connections. */
export class SessionDto extends SessionStateDto {
  @ApiProperty({ type: String, example: NAMED_EXAMPLE, description: 'n:<identity>/<subscriberId>' })
  readonly subscriberId!: string;

  @ApiPropertyOptional({
    type: Number,
    example: TIME_EXAMPLE,
    description: 'When it ends unless its subscriber returns; absent while it is at a connection.',
  })
  readonly expiresAt?: number;

  @ApiProperty({
    type: [SessionEventDto],
    description:
      'Those with a subscription, and those that a one-shot has ended and nobody acknowledged yet.',
  })
  readonly events!: readonly SessionEventDto[];
}

/** A page of sessions. */
export class SessionPage extends PageDto {
  @ApiProperty({ type: [SessionDto] })
  readonly items!: readonly SessionDto[];
}

/** The session behind the subscription of a durable subscriber. */
export class SubscriptionSessionDto extends SessionStateDto {
  @ApiPropertyOptional({
    type: String,
    example: POSITION_EXAMPLE,
    description: 'Everything of this event up to here has been processed, epoch:offset.',
  })
  readonly acknowledged?: string;

  @ApiProperty({
    type: Number,
    example: 2,
    description: 'Envelopes of this event that came after that, or after `since`.',
  })
  readonly pending!: number;
}

export function sessionDto({
  subscriber,
  holder,
  lastSeenAt,
  expiresAt,
  events,
}: SessionSummary): SessionDto {
  return {
    subscriberId: subscriber,
    ...holderOf(holder),
    lastSeenAt,
    ...(expiresAt !== undefined && { expiresAt }),
    events: events.map(({ eventguid, acknowledged }) => ({ eventguid, ...acknowledgedOf(acknowledged) })),
  };
}

export function subscriptionSessionDto({
  holder,
  lastSeenAt,
  acknowledged,
  pending,
}: SubscriberStanding): SubscriptionSessionDto {
  return { ...holderOf(holder), lastSeenAt, ...acknowledgedOf(acknowledged), pending };
}

function holderOf(holder: SessionHolder | undefined): Pick<SessionStateDto, 'connectionId' | 'nodeId'> {
  return holder ? { connectionId: holder.connectionId, nodeId: holder.nodeId } : {};
}

function acknowledgedOf(position: SessionEvent['acknowledged']): Pick<SessionEventDto, 'acknowledged'> {
  return position ? { acknowledged: formatPosition(position) } : {};
}
