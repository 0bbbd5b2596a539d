import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { parseEventGuid } from '@ringback/contract';
import { Hub, type TokenVerifier } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import { RingbackModule } from './ringback.module.js';
import { createApplication } from './testing/test-application.js';
import { LOG, TOKEN_VERIFIER } from './tokens.js';

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

  it('asks the verifier of the application who comes, and finds the rights in the token', async () => {
    const verifier: TokenVerifier = {
      verify: (token) => Promise.resolve({ subject: token, claims: { ringback: { trigger: ['order-*'] } } }),
    };
    const log = new RecordingLog();
    const providers = [
      { provide: LOG, useValue: log },
      { provide: TOKEN_VERIFIER, useValue: verifier },
    ];
    const module = RingbackModule.forRoot({ providers });
    const app = await NestFactory.create(module, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });
    const hub = app.get(Hub);
    const identity = await hub.authenticate({ token: 'ann' });
    expect(() => hub.authorize(identity, 'trigger', parseEventGuid('order-1'))).not.toThrow();
    expect(() => hub.authorize(identity, 'trigger', parseEventGuid('door-1'))).toThrow(
      'The right trigger is missing.',
    );
    await expect(hub.authenticate({})).rejects.toMatchObject({ code: 'unauthorized' });
    expect(log.at('warn')).toEqual([]);
    await app.close();
  });
});
