import { formatPosition, type EventGuid, type Receipt } from '@ringback/contract';
import type { TriggerResult } from '@ringback/core';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE, POSITION_EXAMPLE } from '@ringback/http-kit';

/** What became of a trigger. */
class ReceiptDto implements Receipt {
  @ApiProperty({ type: Number, example: 2, description: 'Deliveries handed to the operating system.' })
  readonly delivered!: number;

  @ApiProperty({
    type: Number,
    example: 1,
    description: 'Deliveries that wait on a node, for a client that recovers or reads slowly.',
  })
  readonly queued!: number;

  @ApiProperty({
    type: Number,
    example: 0,
    description: 'Deliveries lost with a connection that was closed meanwhile.',
  })
  readonly dropped!: number;

  @ApiProperty({
    type: Boolean,
    example: true,
    description: 'Whether every node that was reached has reported in time.',
  })
  readonly complete!: boolean;
}

/** The answer to an accepted trigger. */
export class TriggerAnswer {
  @ApiProperty({ type: String, example: EVENTGUID_EXAMPLE })
  readonly eventguid!: string;

  @ApiProperty({
    type: String,
    example: POSITION_EXAMPLE,
    description: 'Its place in the history, epoch:offset.',
  })
  readonly position!: string;

  @ApiProperty({
    type: Number,
    example: 3,
    description: 'Subscriptions stored at that moment, on all nodes.',
  })
  readonly subscribers!: number;

  @ApiPropertyOptional({ type: ReceiptDto, description: 'Present with `wait`.' })
  readonly receipt?: Receipt;
}

/** Waits for the receipt, where there is one. */
export async function triggerAnswer(
  eventguid: EventGuid,
  { position, subscribers, receipt }: TriggerResult,
): Promise<TriggerAnswer> {
  return {
    eventguid,
    position: formatPosition(position),
    subscribers,
    ...(receipt && { receipt: receiptOf(await receipt) }),
  };
}

function receiptOf({ delivered, queued, dropped, complete }: Receipt): ReceiptDto {
  return { delivered, queued, dropped, complete };
}
