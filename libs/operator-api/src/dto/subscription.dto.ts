import { formatPosition } from '@ringback/contract';
import type { OperatorSubscription } from '@ringback/core';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { POSITION_EXAMPLE } from '@ringback/http-kit';
import { CONNECTION_EXAMPLE, NODE_EXAMPLE, TIME_EXAMPLE } from './examples.js';
import { PageDto } from './page.dto.js';
import { subscriptionSessionDto, SubscriptionSessionDto } from './session.dto.js';

/** A stored subscription. */
export class SubscriptionDto {
  @ApiProperty({
    type: String,
    example: `c:${CONNECTION_EXAMPLE}`,
    description: 'c:<connectionId>, or n:<identity>/<subscriberId> of a durable subscriber.',
  })
  readonly subscriberId!: string;

  @ApiProperty({ type: String, example: 'row=7' })
  readonly cookie!: string;

  @ApiProperty({
    type: String,
    example: POSITION_EXAMPLE,
    description: 'It is delivered what comes after it, epoch:offset.',
  })
  readonly since!: string;

  @ApiProperty({
    type: String,
    example: NODE_EXAMPLE,
    description: 'The node that stored it last; with a durable subscriber who is away it holds it no more.',
  })
  readonly nodeId!: string;

  @ApiProperty({ type: Number, example: TIME_EXAMPLE, description: 'Milliseconds since 1970.' })
  readonly madeAt!: number;

  @ApiPropertyOptional({ type: Boolean, description: 'Present and true if it takes part in presence.' })
  readonly presence?: true;

  @ApiPropertyOptional({ type: SubscriptionSessionDto, description: 'Present with durable subscribers.' })
  readonly session?: SubscriptionSessionDto;
}

/** A page of the subscriptions of one event. */
export class SubscriptionPage extends PageDto {
  @ApiProperty({ type: [SubscriptionDto] })
  readonly items!: readonly SubscriptionDto[];
}

export function subscriptionDto({
  subscriber,
  cookie,
  since,
  lease,
  madeAt,
  presence,
  session,
}: OperatorSubscription): SubscriptionDto {
  return {
    subscriberId: subscriber,
    cookie,
    since: formatPosition(since),
    nodeId: lease.nodeId,
    madeAt,
    ...(presence && { presence }),
    ...(session && { session: subscriptionSessionDto(session) }),
  };
}
