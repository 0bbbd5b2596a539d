import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder } from '@nestjs/swagger';
import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { serveApiDescription, useProblemDetails, type ApiDescription } from '@ringback/http-kit';
import { readVersion } from '@ringback/platform';
import { guardOperations, type GuardConfig } from './guard-operations.js';

/** Sets the HTTP server up: errors, access, documentation. To be called once, before `init`. */
export function configureHttp(app: NestFastifyApplication, config: GuardConfig, log: Log): void {
  guardOperations(app, config);
  useProblemDetails(app, { reportError: (error) => reportError(error, log) });
  serveApiDescription(app, describeApi());
}

/** Logs what is not a refusal: the caller learns nothing but that it is a fault. */
function reportError(error: unknown, log: Log): HubError {
  const found = HubError.from(error);
  if (found.code === 'internal') log.error('request failed', { error });
  else if (found.temporary) log.warn('request refused', { error: found });
  return found;
}

function describeApi(): ApiDescription {
  return new DocumentBuilder()
    .setTitle('Ringback agent')
    .setDescription(
      'Tickets and subscriptions of the agents. Every error is application/problem+json; decide by its `code`.',
    )
    .setVersion(readVersion())
    .addServer('./', 'This agent, below whatever path it is served.')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addSecurityRequirements('token')
    .build();
}
