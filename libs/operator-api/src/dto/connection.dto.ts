import type { ConnectionSummary } from '@ringback/core';
import { ApiProperty } from '@nestjs/swagger';
import { CONNECTION_EXAMPLE, NODE_EXAMPLE } from './examples.js';

/** How many connections there are. */
export class ConnectionCount {
  @ApiProperty({ type: Number, example: 1200, description: 'On all nodes.' })
  readonly count!: number;
}

/** A live link of a client. */
export class ConnectionDto {
  @ApiProperty({ type: String, example: CONNECTION_EXAMPLE })
  readonly connectionId!: string;

  @ApiProperty({ type: String, example: 'socketio', description: 'The gateway that accepted it.' })
  readonly gateway!: string;

  @ApiProperty({ type: String, example: NODE_EXAMPLE })
  readonly nodeId!: string;
}

export function connectionDto({ connectionId, gateway, nodeId }: ConnectionSummary): ConnectionDto {
  return { connectionId, gateway, nodeId };
}
