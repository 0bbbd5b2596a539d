import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { HubClient } from '@ringback/nest';
import { OrderLog } from './order-log.js';

interface NewOrder {
  readonly item: string;
}

/** The application's own API. What happens to an order is an event of the hub, named for the order. */
@Controller('orders')
export class OrdersController {
  constructor(
    @Inject(HubClient) private readonly hub: HubClient,
    @Inject(OrderLog) private readonly log: OrderLog,
  ) {}

  @Post(':id')
  @HttpCode(201)
  async place(@Param('id') id: string, @Body() { item }: NewOrder): Promise<{ readonly position: string }> {
    await this.log.follow(id);
    const { position } = await this.hub.trigger(`order-${id}`, { status: 'placed', item });
    return { position };
  }

  @Post(':id/status/:status')
  @HttpCode(204)
  async change(@Param('id') id: string, @Param('status') status: string): Promise<void> {
    await this.hub.trigger(`order-${id}`, { status }, { removeAfterSend: status === 'delivered' });
  }

  @Get(':id')
  history(@Param('id') id: string): readonly string[] {
    return this.log.of(id);
  }
}
