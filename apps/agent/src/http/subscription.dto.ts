import { ApiProperty } from '@nestjs/swagger';
import type { HubSubscription } from '../sources/subscription-desk.js';

/** A subscription as the API describes it. */
export class SubscriptionDto {
  @ApiProperty({ example: 'main' })
  readonly hub!: string;

  @ApiProperty()
  readonly eventguid!: string;

  @ApiProperty({ example: 'Viewmodel=Alarm&RootId=42!17' })
  readonly cookie!: string;

  @ApiProperty({ description: 'Whether it ends with its first ticket.' })
  readonly once!: boolean;

  @ApiProperty({ description: 'Of the tickets made from it.' })
  readonly keepReceiptMinutes!: number;

  @ApiProperty({ enum: ['configuration', 'operator'] })
  readonly wantedBy!: 'configuration' | 'operator';

  @ApiProperty({ enum: ['pending', 'active', 'refused', 'ending'] })
  readonly state!: 'pending' | 'active' | 'refused' | 'ending';

  @ApiProperty({ required: false, description: 'Why the hub has refused it.' })
  readonly error?: string;
}

/** All subscriptions: their number is bounded. */
export class SubscriptionListDto {
  @ApiProperty({ type: [SubscriptionDto] })
  readonly items!: readonly SubscriptionDto[];
}

/** What an operator wants. */
export class WantedDto {
  @ApiProperty({
    example: 'Viewmodel=Alarm&RootId=42!17',
    description: 'Empty, or `endsubscription`, removes the subscription.',
  })
  readonly cookie!: string;

  @ApiProperty({ required: false, default: false })
  readonly once?: boolean;

  @ApiProperty({ required: false, default: 10 })
  readonly keepReceiptMinutes?: number;
}

export function subscriptionDto({ version: _version, ...shown }: HubSubscription): SubscriptionDto {
  return shown;
}
