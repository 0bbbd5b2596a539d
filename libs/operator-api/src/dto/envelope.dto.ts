import { formatPosition, type Envelope } from '@ringback/contract';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { POSITION_EXAMPLE } from '@ringback/http-kit';
import { TIME_EXAMPLE } from './examples.js';
import { PageDto } from './page.dto.js';

/** An envelope of the history. */
export class EnvelopeDto {
  @ApiProperty({ type: String, example: POSITION_EXAMPLE, description: 'epoch:offset' })
  readonly position!: string;

  @ApiProperty({
    type: Number,
    example: TIME_EXAMPLE,
    description: 'When it was accepted, milliseconds since 1970.',
  })
  readonly time!: number;

  @ApiPropertyOptional({ type: String, example: 'com.example.order.paid' })
  readonly type?: string;

  @ApiPropertyOptional({ type: String, example: 'application/json' })
  readonly contentType?: string;

  @ApiPropertyOptional({ type: String, example: '/shop' })
  readonly source?: string;

  @ApiPropertyOptional({ type: String, example: 'a-1' })
  readonly id?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'q7Xw3dQkT9A/Zk3x9:41',
    description: 'Where a bridge has it from: cluster/epoch:offset.',
  })
  readonly origin?: string;

  @ApiProperty({ type: String, example: '{"total":12}' })
  readonly data!: string;

  @ApiPropertyOptional({ type: String, enum: ['base64'], description: 'Present where the data are bytes.' })
  readonly encoding?: 'base64';

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Present and true if it ended the subscriptions it was delivered to.',
  })
  readonly removeAfterSend?: true;
}

/** A page of a history, oldest first. */
export class HistoryPage extends PageDto {
  @ApiProperty({ type: [EnvelopeDto] })
  readonly items!: readonly EnvelopeDto[];
}

export function envelopeDto({
  position,
  time,
  type,
  contentType,
  source,
  id,
  origin,
  data,
  oneShot,
}: Envelope): EnvelopeDto {
  return {
    position: formatPosition(position),
    time,
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
    ...(source !== undefined && { source }),
    ...(id !== undefined && { id }),
    ...(origin !== undefined && { origin }),
    ...dataOf(data),
    ...(oneShot && { removeAfterSend: true as const }),
  };
}

function dataOf(data: Envelope['data']): Pick<EnvelopeDto, 'data' | 'encoding'> {
  if (typeof data === 'string') return { data };
  return {
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    encoding: 'base64',
  };
}
