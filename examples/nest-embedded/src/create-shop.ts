import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { useSocketIo } from '@ringback/gateway-socketio';
import { ShopModule } from './shop.module.js';

/** The application, not listening yet. */
export async function createShop(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(ShopModule, new FastifyAdapter(), {
    logger: ['warn', 'error'],
  });
  useSocketIo(app); // before the application is initialised, which `listen` does
  app.enableShutdownHooks();
  return app;
}
