import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CallCenterModule } from './call-center.module.js';

/** The application, not listening yet. */
export async function createCallCenter(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(CallCenterModule, new FastifyAdapter(), {
    logger: ['warn', 'error'],
  });
  app.enableShutdownHooks();
  return app;
}
