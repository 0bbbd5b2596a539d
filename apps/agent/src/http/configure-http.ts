import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { readVersion } from '@ringback/platform';
import { answerProblems } from '@ringback/http-kit';
import { guardOperations } from './guard-operations.js';

/** Sets the HTTP server up: errors, access, documentation. To be called once, before `init`. */
export function configureHttp(app: NestFastifyApplication, token: string | undefined, log: Log): void {
  guardOperations(app, token);
  answerProblems(app, { failed: (error) => reported(error, log) });
  serveDescription(app);
}

/** What is not a refusal is logged: whoever asked learns nothing but that it is a fault. */
function reported(error: unknown, log: Log): HubError {
  const found = HubError.from(error);
  if (found.code === 'internal') log.error('request failed', { error });
  else if (found.temporary) log.warn('request refused', { error: found });
  return found;
}

function serveDescription(app: NestFastifyApplication): void {
  let made: OpenAPIObject | undefined;
  const describe = (): OpenAPIObject => (made ??= describeApi(app));
  SwaggerModule.setup('docs', app, describe, { ui: false, raw: ['json'] });
}

function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setTitle('Ringback agent')
    .setDescription(
      'Tickets and subscriptions of the agents. Every error is application/problem+json; decide by its `code`.',
    )
    .setVersion(readVersion())
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addSecurityRequirements('token')
    .build();
  return SwaggerModule.createDocument(app, about);
}
