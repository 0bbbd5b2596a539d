import { Module } from '@nestjs/common';
import { SignalRGatewayModule } from '@ringback/gateway-signalr';
import { SocketIoGatewayModule } from '@ringback/gateway-socketio';
import { RingbackModule, type RingbackOptions } from '@ringback/nest';
import { ChatGateway } from './chat.gateway.js';
import { OrderLog } from './order-log.js';
import { OrdersController } from './orders.controller.js';

/** From the environment of this example. */
function hubOptions(): RingbackOptions {
  const { REDIS_URL: url } = process.env;
  return { shutdownDelayMs: 0, drainMs: 500, ...(url !== undefined && { redis: { url } }) };
}

/** A shop with an API, a chat, and a hub node: customers follow their orders over Socket.IO or SignalR on the port of the shop. */
@Module({
  imports: [
    RingbackModule.forRootAsync({ useFactory: hubOptions }),
    SocketIoGatewayModule.forRoot(),
    SignalRGatewayModule.forRoot(),
  ],
  controllers: [OrdersController],
  providers: [ChatGateway, OrderLog],
})
export class ShopModule {}
