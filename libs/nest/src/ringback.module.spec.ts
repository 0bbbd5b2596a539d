import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Hub } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import { RingbackModule } from './ringback.module.js';
import { createApplication } from './testing/test-application.js';
import { LOG } from './tokens.js';

const SHARED = RingbackModule.forRoot({
  nodeId: 'shared',
  providers: [{ provide: LOG, useValue: new RecordingLog() }],
});

@Module({ imports: [SHARED] })
class FeatureModule {}

@Module({ imports: [SHARED, FeatureModule] })
class ApplicationModule {}

describe('RingbackModule', () => {
  it('refuses to be made twice in one application', async () => {
    await expect(createApplication({}, { imports: [RingbackModule.forRoot()] })).rejects.toThrow(
      'The application imports RingbackModule twice; import it once, it is global.',
    );
  });

  it('is one node wherever the same module is imported', async () => {
    const app = await NestFactory.create(ApplicationModule, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    expect(app.get(Hub).nodeId).toBe('shared');
    await app.close();
  });
});
