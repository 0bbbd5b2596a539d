import { ERROR_CODES, type ErrorCode } from '@ringback/contract';
import { ApiProperty } from '@nestjs/swagger';
import type { ProblemDetails } from './problem-details.js';

/** An error, as described by RFC 9457. */
export class ProblemDto implements ProblemDetails {
  @ApiProperty({
    type: String,
    example: '/docs/errors#bad-request',
    description: 'Where the code is explained.',
  })
  readonly type!: string;

  @ApiProperty({ type: String, example: 'Bad request' })
  readonly title!: string;

  @ApiProperty({ type: Number, example: 400, description: 'The HTTP status.' })
  readonly status!: number;

  @ApiProperty({
    type: String,
    example: 'The body is not valid JSON.',
    description: 'What is wrong, for a person.',
  })
  readonly detail!: string;

  @ApiProperty({
    type: String,
    enum: Object.keys(ERROR_CODES),
    example: 'bad-request',
    description: 'Stable; decide by it.',
  })
  readonly code!: ErrorCode;
}
