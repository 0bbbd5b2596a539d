import type { NodeFigures, NodeLease } from '@ringback/core';
import { ApiProperty } from '@nestjs/swagger';
import { NODE_EXAMPLE, TIME_EXAMPLE } from './examples.js';
import { PageDto } from './page.dto.js';

/** What a node holds. */
class FiguresDto implements NodeFigures {
  @ApiProperty({ type: Number, example: 1200 })
  readonly connections!: number;

  @ApiProperty({ type: Number, example: 5400 })
  readonly subscriptions!: number;

  @ApiProperty({ type: Number, example: 310, description: 'Events that the node follows.' })
  readonly events!: number;

  @ApiProperty({ type: Number, example: 0, description: 'Bytes that wait for its connections.' })
  readonly outboxBytes!: number;
}

/** A node of the cluster. */
export class NodeDto {
  @ApiProperty({ type: String, example: NODE_EXAMPLE })
  readonly nodeId!: string;

  @ApiProperty({ type: String, description: 'Which lease of the node it is.', example: '6d1f' })
  readonly generation!: string;

  @ApiProperty({
    type: String,
    description: 'Where the other nodes reach it.',
    example: 'http://10.0.0.7:3000',
  })
  readonly address!: string;

  @ApiProperty({ type: String, example: '0.1.0' })
  readonly version!: string;

  @ApiProperty({ type: Number, description: 'Milliseconds since 1970.', example: TIME_EXAMPLE })
  readonly startedAt!: number;

  @ApiProperty({ type: FiguresDto })
  readonly figures!: FiguresDto;
}

/** A page of nodes. */
export class NodePage extends PageDto {
  @ApiProperty({ type: [NodeDto] })
  readonly items!: readonly NodeDto[];
}

export function nodeDto({ nodeId, generation, address, version, startedAt, figures }: NodeLease): NodeDto {
  const { connections, subscriptions, events, outboxBytes } = figures;
  return {
    nodeId,
    generation,
    address,
    version,
    startedAt,
    figures: { connections, subscriptions, events, outboxBytes },
  };
}
