import { formatPosition, type EventGuid, type Published } from '@ringback/contract';
import { ApiProperty } from '@nestjs/swagger';
import { EVENTGUID_EXAMPLE, POSITION_EXAMPLE } from './examples.js';

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
}

export function triggerAnswer(eventguid: EventGuid, { position, subscribers }: Published): TriggerAnswer {
  return { eventguid, position: formatPosition(position), subscribers };
}
